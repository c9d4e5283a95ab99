"""The words that payers agree to: what they must say, and that nobody changes them afterwards."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from quittance.gateways.consent import Holder
from quittance.wallet.texts import FOLDER, Names, NoText, all_texts, keep_until, wording

DAY = date(2026, 11, 22)
NAMES = Names(
    seller="Northwind Traders", company="Harborline Hotels", place="Payment methods",
    company_id="1234567890",
)  # fmt: skip
# A new wording is a new file with a new day; a published one is never changed.
PUBLISHED = {
    "ach_ccd.2026-11-22.en.json": (
        "59c44741e460402d7634d73e222dd670b9645f70cb66d72271ddb41aeed31e08"
    ),
    "ach_web.2026-11-22.en.json": (
        "04b15b86c88fa5201c635f02a2bbc791cf225becc1d801cc042a2042226359c4"
    ),
    "bacs.2026-11-22.en.json": ("d4305aa3647cd79c0e7379842a760496c5be7aa98e9f77524490f04e80d9b06f"),
    "card.2026-11-22.en.json": ("baf2a6c6e7a8596da6bed4f57f2bf7675edf971b82195391b409828ab4711530"),
    "other.2026-11-22.en.json": (
        "9452359dd838bd79f054988cd1c5f405d944f1a128abf96f547b6d68bfc8bf7c"
    ),
    "sepa_core.2026-11-22.en.json": (
        "7d6d0de89ccf424342db0405d1a519537241a4237418ea56be64c8daf13b9d2f"
    ),
    "wallet.2026-11-22.en.json": (
        "64161c9e197d2c266fb0b14d2914466918683dc485279c3f6c22f7cabd9d083b"
    ),
}


def test_a_published_text_is_never_changed() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.iterdir()}

    assert found == PUBLISHED


def test_each_version_has_a_name_of_its_own_and_says_where_it_comes_from() -> None:
    texts = all_texts()

    assert len({each.version for each in texts}) == len(texts)
    for each in texts:
        assert each.version == f"{each.scheme}.{each.published.isoformat()}"
        assert each.source


@pytest.mark.parametrize(
    ("holder", "said", "not_said"),
    [
        (Holder.BUSINESS, "Hotels agrees to be bound by the Nacha Operating Rules", "is mine"),
        (Holder.PERSONAL, "The account is mine", "CCD"),
    ],
)  # fmt: skip
def test_the_holder_decides_what_an_american_debit_is_authorized_with(
    holder: Holder, said: str, not_said: str
) -> None:
    text = "\n".join(
        wording("bank_debit", currency="USD", holder=holder, names=NAMES, day=DAY).paragraphs
    )

    assert said in text
    assert not_said not in text
    for part in ("authorize Northwind Traders", "amount that", "on or after", "revoke", "copy"):
        assert part in text
    assert "company ID 1234567890" in text


def test_a_company_id_that_nobody_told_is_not_spoken_of() -> None:
    names = Names(seller="N", company="H", place="P")

    words = wording("bank_debit", currency="USD", holder=Holder.BUSINESS, names=names, day=DAY)

    assert "company ID" not in "".join(words.paragraphs)


def test_a_sepa_mandate_names_the_refund_and_the_agreed_notice() -> None:
    words = wording("bank_debit", currency="EUR", holder=Holder.BUSINESS, names=NAMES, day=DAY)

    assert words.scheme == "sepa_core"
    assert "within 8 weeks" in words.paragraphs[1]
    assert "one day is enough" in words.paragraphs[2]


def test_without_an_answer_whose_account_it_is_there_is_no_text() -> None:
    with pytest.raises(NoText):
        wording("bank_debit", currency="USD", holder=None, names=NAMES, day=DAY)


def test_the_proof_stays_for_the_years_that_its_version_says() -> None:
    assert keep_until("ach_ccd.2026-11-22", date(2028, 2, 29)) == date(2030, 2, 28)


@pytest.mark.parametrize(
    ("currency", "holder", "scheme"),
    [
        ("USD", Holder.BUSINESS, "ach_ccd"),
        ("USD", Holder.PERSONAL, "ach_web"),
        ("EUR", Holder.PERSONAL, "sepa_core"),
        ("GBP", Holder.BUSINESS, "bacs"),
        ("CAD", Holder.BUSINESS, "other"),
    ],
)
def test_a_text_is_chosen_by_the_currency_and_the_holder_that_its_file_names(
    currency: str, holder: Holder, scheme: str
) -> None:
    words = wording("bank_debit", currency=currency, holder=holder, names=NAMES, day=DAY)

    assert words.scheme == scheme
