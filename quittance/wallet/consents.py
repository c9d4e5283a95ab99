"""Writes down what a payer agreed to, with the proof, and when it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.gateways.consent import Agreement, Consent, Holder
from quittance.tenancy.scope import current_scope
from quittance.wallet.models import ConsentRecord
from quittance.wallet.texts import Wording, keep_until

BY_BANK: Final = "returned by the bank"  # how ``ended_by`` begins when a return ended it


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who said yes, and from where: what a bank asks for when somebody says that he never did."""

    user_id: UUID
    ip_address: str
    user_agent: str
    session_hash: str


def give_consent(wording: Wording, witness: Witness, *, customer_account_id: UUID) -> ConsentRecord:
    """Keep a yes, word for word, in a transaction of the caller."""
    return ConsentRecord.objects.create(
        id=new_id(), customer_account_id=customer_account_id, user_id=witness.user_id,
        method=wording.method, scheme=wording.scheme,
        holder=wording.holder.value if wording.holder else "", agreement=wording.agreement.value,
        amount_rule=wording.amount_rule, text="\n\n".join(wording.paragraphs),
        text_version=wording.version, locale=wording.locale, company_id=wording.company_id,
        given_at=clock.now(), ip_address=witness.ip_address[:45],
        user_agent=witness.user_agent.replace("\0", "")[:300], session_hash=witness.session_hash,
    )  # fmt: skip


def as_gateway_consent(record: ConsentRecord) -> Consent:
    """Return a consent as gateways are told of it."""
    return Consent(
        text_version=record.text_version, given_at=record.given_at, ip_address=record.ip_address,
        user_agent=record.user_agent, agreement=Agreement(record.agreement),
        holder=Holder(record.holder) if record.holder else None,
    )  # fmt: skip


def end_consent(consent_id: UUID, *, by: str = "") -> bool:
    """Write down that an agreement is over, in a transaction; ``False`` if it was already.

    Also for one that the scope may not see. ``by``: who or what ended it, where that is not who
    acts now.
    """
    record = ConsentRecord.objects.select_for_update().filter(pk=consent_id).first()
    if record is None or record.ended_at is not None:
        return False
    now = clock.now()
    ConsentRecord.objects.filter(pk=consent_id).update(
        ended_at=now, ended_by=(by or current_scope().actor)[:100],
        keep_until=keep_until(record.text_version, now.date()),
    )  # fmt: skip
    return True
