"""A seller's bank account, transfers to it, and the files that the bank gives for them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tests.ground import Ground

if TYPE_CHECKING:
    from quittance.transfers.models import Announcement, BankAccount, BankEntry

NUMBER, ROUTING = "000987654321", "026009593"
IBAN, SWISS_IBAN = "DE02120300000000202051", "CH5604835012345678009"
PAYER = "DE75512108001245126199"


def bank_account(ground: Ground, *, booked_by: str = "portal", **changes: str) -> BankAccount:
    """An account of the seller in US dollars, unless something else is said."""
    from quittance.transfers.accounts import Told, keep_account

    parts = {
        "owner": "Northwind Traders", "bank_name": "First Bank", "number": NUMBER,
        "bank_code": ROUTING, "currency": "USD", "booked_by": booked_by, **changes,
    }  # fmt: skip
    return keep_account(ground.legal_entity_id, Told(**parts))


def announced(ground: Ground, *invoices: Any, user: Any = None) -> Announcement:
    """A transfer of all that is open on these invoices, announced by a buyer."""
    from quittance.identity.models import User
    from quittance.payments.baskets import new_baskets
    from quittance.payments.contents import find_basket
    from quittance.tenancy.rows import reading, writing
    from quittance.transfers.announce import announce, plan_of
    from tests.payments.people import may_pay_for

    if user is None:
        with writing():
            user, _ = User.objects.get_or_create(email="dana@example.test", name="Dana Okafor")
    accounts = list(dict.fromkeys(each.customer_account_id for each in invoices))
    for each in accounts:
        may_pay_for(user, each)
    (basket,) = new_baskets(
        account_ids=accounts, user_id=user.pk, invoice_ids=[each.pk for each in invoices]
    )
    with reading():
        plan = plan_of(find_basket(basket.pk))
    assert plan is not None
    seal = plan.contents.seal
    return announce(basket.pk, user_id=user.pk, version=basket.version, seal=seal)


@dataclass
class Came:
    """One entry of a bank's file; what is not said is as simple as can be."""

    amount: str
    text: str = ""
    reference: str = ""  # a creditor reference in its own field
    payer: str = PAYER
    bank_reference: str = ""
    sign: str = "CRDT"
    currency: str = "USD"
    status: str = "BOOK"
    day: str = "2026-11-20"
    parts: list[Came] = field(default_factory=list)  # of a batch
    reversal: bool = False
    batch_of: int = 0

    def entry(self) -> str:
        details = "".join(each.detail() for each in self.parts or [self])
        batch = f"<Btch><NbOfTxs>{self.batch_of}</NbOfTxs></Btch>" if self.batch_of else ""
        details = "" if self.batch_of else details
        own = f"<AcctSvcrRef>{self.bank_reference}</AcctSvcrRef>" if self.bank_reference else ""
        return (
            f'<Ntry><Amt Ccy="{self.currency}">{self.amount}</Amt>'
            f"<CdtDbtInd>{self.sign}</CdtDbtInd>"
            f"{'<RvslInd>true</RvslInd>' if self.reversal else ''}"
            f"<Sts><Cd>{self.status}</Cd></Sts><BookgDt><Dt>{self.day}</Dt></BookgDt>{own}"
            "<BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>"
            f"<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
        )

    def detail(self) -> str:
        role = "Dbtr" if self.sign == "CRDT" else "Cdtr"
        reference = (
            "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            f"<Ref>{self.reference}</Ref></CdtrRefInf></Strd>"
            if self.reference
            else ""
        )
        text = f"<Ustrd>{escape(self.text)}</Ustrd>" if self.text else ""
        about = f"<RmtInf>{text}{reference}</RmtInf>" if text or reference else ""
        return (
            f'<TxDtls><Amt Ccy="{self.currency}">{self.amount}</Amt>'
            f"<CdtDbtInd>{self.sign}</CdtDbtInd><RltdPties><{role}><Pty><Nm>Harborline Events</Nm>"
            f"</Pty></{role}><{role}Acct><Id><IBAN>{self.payer}</IBAN></Id></{role}Acct>"
            f"</RltdPties>{about}</TxDtls>"
        )


def statement(*entries: Came, account: str = NUMBER, currency: str = "USD") -> bytes:
    """A file camt.053.001.08 with one statement."""
    number = f"<IBAN>{account}</IBAN>" if account[:2].isalpha() else (
        f"<Othr><Id>{account}</Id></Othr>"
    )  # fmt: skip
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-11-21T05:00:00Z</CreDtTm></GrpHdr>"
        "<Stmt><Id>S-1</Id><CreDtTm>2026-11-21T05:00:00Z</CreDtTm>"
        f"<Acct><Id>{number}</Id><Ccy>{currency}</Ccy></Acct>"
        "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<Dt><Dt>2026-11-20</Dt></Dt></Bal>"
        f"{''.join(each.entry() for each in entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def read(*entries: Came, **facts: str) -> Any:
    """Have a file with these entries read and matched; return what was kept."""
    from quittance.transfers.matching import match_waiting

    kept = keep(statement(*entries, **facts))
    match_waiting()
    return kept


def keep(file: bytes) -> Any:
    """Have a file read, and nothing matched yet."""
    from quittance.transfers.statements import keep_file

    return keep_file(io.BytesIO(file), name="camt.xml", size=len(file))


def entries() -> list[BankEntry]:
    """Every movement that is kept, in the order in which it was."""
    from quittance.tenancy.rows import reading
    from quittance.transfers.models import BankEntry

    with reading():
        rows = BankEntry.objects.select_related("payment", "announcement", "bank_account")
        return list(rows.order_by("pk"))


def again(row: Any) -> Any:
    """Read a row again."""
    from quittance.tenancy.rows import reading

    with reading():
        row.refresh_from_db()
    return row
