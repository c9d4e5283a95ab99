"""Writes the file that a payer's bank takes: one credit transfer with its creditor reference.

Source: ISO 20022, CustomerCreditTransferInitiationV09 (pain.001.001.09); for SEPA the EPC's
Customer-to-Bank guidelines (EPC132-08).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from xml.etree import ElementTree as ET  # we write here and read nothing

from django.utils.translation import gettext as _
from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from quittance.core.errors import RuleBroken
from quittance.transfers.models import Announcement, BankAccount

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_US_ROUTING: Final = 9  # digits of an ABA routing number
# Letters that fall apart into none of the basic ones.
_SPELLED: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L",
     "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "&": "+", "’": "'", "–": "-"}
)  # fmt: skip
_ALLOWED: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
)


class PayerUnclear(RuleBroken):
    """The file needs the name and the account that the money comes from."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays from which account. It is not kept."""

    name: str
    account: str  # an IBAN, or a number where there are none
    bic: str = ""

    @property
    def has_iban(self) -> bool:
        """Whether the account is an IBAN."""
        return iban.is_valid(self.account)


def payer_of(*, name: str, account: str, bic_: str, needs_iban: bool) -> Payer:
    """Read what the payer typed. Raises ``PayerUnclear`` naming the field."""
    number = "".join(account.split()).upper()
    code = "".join(bic_.split()).upper()
    if not basic(name):
        raise PayerUnclear("name", _("Write the name of the account's owner in Latin letters."))
    looks_like_one = number[:2].isalpha() and number[2:4].isdigit()
    if (needs_iban or looks_like_one) and not iban.is_valid(number):
        raise PayerUnclear("account", _("This IBAN has a mistake: its check digits do not fit."))
    if not 0 < len(number) <= 34 or not number.isascii() or not number.isalnum():
        raise PayerUnclear("account", _("An account number has up to 34 letters and digits."))
    try:
        bic.validate(code) if code else None
    except ValidationError:
        raise PayerUnclear("bic", _("A BIC has 8 or 11 letters and digits.")) from None
    return Payer(name=name, account=number, bic=code)


def payment_file(
    announcement: Announcement,
    account: BankAccount,
    payer: Payer,
    *,
    made_at: datetime,
    execute_on: date,
) -> bytes:
    """Return the file, in UTF-8; ``execute_on`` is the day on which the bank shall pay."""
    sepa = announcement.currency == "EUR" and bool(account.iban) and payer.has_iban
    amount = str(announcement.amount.decimal)
    root = ET.Element("Document", xmlns=NAMESPACE)
    top = ET.SubElement(root, "CstmrCdtTrfInitn")
    head = ET.SubElement(top, "GrpHdr")
    _text(head, "MsgId", f"{announcement.number}-{made_at:%Y%m%d%H%M%S}")
    _text(head, "CreDtTm", f"{made_at:%Y-%m-%dT%H:%M:%S}+00:00")
    _text(head, "NbOfTxs", "1")
    _text(head, "CtrlSum", amount)
    _name(ET.SubElement(head, "InitgPty"), payer.name)
    block = ET.SubElement(top, "PmtInf")
    _text(block, "PmtInfId", announcement.number)
    _text(block, "PmtMtd", "TRF")
    _text(block, "NbOfTxs", "1")
    _text(block, "CtrlSum", amount)
    if sepa:
        _text(block, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _text(block, "ReqdExctnDt/Dt", execute_on.isoformat())
    _name(ET.SubElement(block, "Dbtr"), payer.name)
    _account(ET.SubElement(block, "DbtrAcct"), payer.account, is_iban=payer.has_iban)
    _agent(ET.SubElement(block, "DbtrAgt"), payer.bic)
    _text(block, "ChrgBr", "SLEV" if sepa else "SHAR")
    _transfer(block, announcement, account, amount)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def basic(text: str) -> str:
    """Return ``text`` in the letters that every bank takes. Source: EPC217-08."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    kept = "".join(each for each in plain if each in _ALLOWED)
    return " ".join(kept.split())


def _transfer(
    block: ET.Element, announcement: Announcement, account: BankAccount, amount: str
) -> None:
    transfer = ET.SubElement(block, "CdtTrfTxInf")
    _text(transfer, "PmtId/InstrId", announcement.number)
    _text(transfer, "PmtId/EndToEndId", announcement.reference)
    ET.SubElement(
        ET.SubElement(transfer, "Amt"), "InstdAmt", Ccy=announcement.currency
    ).text = amount
    if account.bic or account.bank_code:
        _agent(ET.SubElement(transfer, "CdtrAgt"), account.bic, account.bank_code)
    creditor = ET.SubElement(transfer, "Cdtr")
    _name(creditor, account.owner)
    _address(creditor, account)
    _account(
        ET.SubElement(transfer, "CdtrAcct"), account.iban or account.number,
        is_iban=bool(account.iban),
    )  # fmt: skip
    reference = ET.SubElement(transfer, "RmtInf")
    inner = ET.SubElement(ET.SubElement(reference, "Strd"), "CdtrRefInf")
    kind = ET.SubElement(inner, "Tp")
    _text(kind, "CdOrPrtry/Cd", "SCOR")
    _text(kind, "Issr", "ISO")
    _text(inner, "Ref", announcement.reference)


def _address(creditor: ET.Element, account: BankAccount) -> None:
    if not (account.town and account.country):
        return
    place = ET.SubElement(creditor, "PstlAdr")
    for tag, value in (
        ("StrtNm", account.street), ("BldgNb", account.building), ("PstCd", account.postal_code),
        ("TwnNm", account.town), ("Ctry", account.country),
    ):  # fmt: skip
        if basic(value):
            _text(place, tag, basic(value))


def _name(party: ET.Element, name: str) -> None:
    _text(party, "Nm", basic(name)[:70])


def _account(place: ET.Element, number: str, *, is_iban: bool) -> None:
    _text(place, "Id/IBAN" if is_iban else "Id/Othr/Id", number)


def _agent(place: ET.Element, code: str, bank_code: str = "") -> None:
    if code:
        _text(place, "FinInstnId/BICFI", code)
    elif len(bank_code) == _US_ROUTING and bank_code.isdigit():
        _text(place, "FinInstnId/ClrSysMmbId/ClrSysId/Cd", "USABA")
        found = place.find("FinInstnId/ClrSysMmbId")
        if found is not None:
            _text(found, "MmbId", bank_code)
    else:
        # The account says which bank it is. Source: EPC132-08, 2.21.
        _text(place, "FinInstnId/Othr/Id", bank_code or "NOTPROVIDED")


def _text(parent: ET.Element, path: str, text: str) -> None:
    """Set the text at ``path``; elements on the way that are there already are used."""
    *way, last = path.split("/")
    for tag in way:
        found = parent.find(tag)
        parent = ET.SubElement(parent, tag) if found is None else found
    ET.SubElement(parent, last).text = text
