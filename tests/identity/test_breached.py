"""What became known in a breach is no password, and nobody is asked about it."""

from __future__ import annotations

import random

import pytest

from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.breached import filter_of, is_breached
from quittance.identity.models import User
from quittance.identity.passwords import WellKnown, hashed_password

# Of the lists, each of 12 characters or more.
KNOWN = (
    "derevyanchenko", "scatterbrain", "whiteknight1981", "pewdiepie1234", "calimero2517",
    "23081998nikol", "hfamour8hfamour8", "callumcallum",
)  # fmt: skip


@pytest.mark.parametrize("password", [*KNOWN, "DEREVYANCHENKO", "Realmadrid01"])
def test_a_password_of_a_breach_is_refused_in_any_case_of_its_letters(password: str) -> None:
    assert is_breached(password)
    with pytest.raises(WellKnown):
        hashed_password(
            User(name="Nina Berg", email="nina@example.test", organization_id=new_id()),
            password,
            words=[],
        )


def test_of_ten_thousand_other_passwords_hardly_one_is_refused() -> None:
    letters = random.Random(7)
    made = ["".join(letters.choices("abcdefghijklmnop qrst", k=18)) for _ in range(10_000)]

    assert sum(map(is_breached, made)) <= 6


def test_the_file_knows_more_than_a_million() -> None:
    """A filter with so many bits set cannot come of few passwords."""
    from quittance.identity.breached import _bits

    bits = _bits()
    share = int.from_bytes(bits[:4096], "big").bit_count() / (4096 * 8)

    assert len(bits) == 3_422_349
    assert 0.47 < share < 0.53


def test_a_filter_knows_what_it_was_made_of_whatever_the_order() -> None:
    made = filter_of(KNOWN)

    assert made == filter_of(reversed(KNOWN))
    assert made != filter_of(KNOWN[1:])


@pytest.mark.parametrize("password", ["Quittance 2026!", "northwind 12345", "Harbor-Northwind"])
def test_words_of_the_product_and_of_the_seller_make_no_password(password: str) -> None:
    person = User(name="Harbor Berg", email="nina@example.test", organization_id=new_id())

    with pytest.raises(RuleBroken):
        hashed_password(person, password, words=["Northwind Traders"])
