"""Makes and revokes links, for who may handle exceptions of the seller."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import total
from quittance.identity.models import User
from quittance.notifications.messages import enqueue_message
from quittance.paylinks.models import PayLink, PayLinkInvoice
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing

GOOD_FOR: Final = 14  # days, unless something else is chosen
LONGEST: Final = 30  # days; source: security.md, A8
MOST: Final = 50


class NothingToPay(RuleBroken):
    """Choose one to fifty open invoices of one customer and one currency."""


class NoDays(RuleBroken):
    """A link is good for 1 to 30 days."""


class NoAddress(RuleBroken):
    """This is no mail address."""


class MadeAlready(RuleBroken):
    """This link was made already, and its address is shown once. Revoke it and make a new one."""


class Made(NamedTuple):
    """A link and its token, which nobody can be told again."""

    link: PayLink
    token: str


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(
    invoice_ids: Sequence[UUID],
    *,
    by: User,
    key: UUID,
    days: int,
    parts: bool,
    send_to: str,
    address_of: Callable[[str], str],
) -> Made:
    """Make a link for these invoices; ``address_of`` makes the address out of the token.

    With ``send_to`` it is mailed; the outbox forgets the address once it is sent. Raises
    ``NothingToPay``, ``NoDays``, ``NoAddress``, ``MadeAlready`` for a form that was sent twice.
    """
    if not 1 <= days <= LONGEST:
        raise NoDays
    if send_to:
        try:
            validate_email(send_to)
        except ValidationError:
            raise NoAddress from None
    token = secrets.token_urlsafe(32)
    with _once(key), writing():
        invoices = _payable(invoice_ids)
        link = PayLink.objects.create(
            id=key, customer_account_id=invoices[0].customer_account_id, made_by=by,
            token_hash=hash_of(token), sent_to=send_to[:254], parts=parts,
            expires_at=clock.now() + timedelta(days=days),
        )  # fmt: skip
        PayLinkInvoice.objects.bulk_create(
            PayLinkInvoice(link=link, invoice=each, customer_account_id=each.customer_account_id)
            for each in invoices
        )
        record_event(
            "pay_link.made", subject_kind="pay_link", subject_id=link.pk,
            to=send_to, days=days, parts=parts,
            invoices=[each.number for each in invoices],
        )  # fmt: skip
        if send_to:
            _mail(link, invoices, address_of(token))
    return Made(link, token)


@contextmanager
def _once(key: UUID) -> Iterator[None]:
    """Tell of the form's other click, also when both came at the same moment."""
    try:
        yield
    except IntegrityError:
        with reading():
            made = PayLink.objects.filter(pk=key).exists()
        if made:
            raise MadeAlready from None
        raise


def revoke(link_id: UUID) -> bool:
    """End a link now; ``False`` when there is none, or it was revoked before."""
    with writing():
        found = PayLink.objects.filter(pk=link_id, revoked_at=None)
        if found.update(revoked_at=clock.now()) != 1:
            return False
        record_event("pay_link.revoked", subject_kind="pay_link", subject_id=link_id)
    return True


def _mail(link: PayLink, invoices: Sequence[Invoice], address: str) -> None:
    owed = total((each.open_amount for each in invoices), invoices[0].currency)
    enqueue_message(
        key=f"pay_link:{link.pk}", kind="pay_link", to=link.sent_to,
        facts={
            "address": address, "amount_minor": owed.minor, "currency": owed.currency,
            "until": link.expires_at.date().isoformat(),
            "invoices": [each.number for each in invoices],
        },
    )  # fmt: skip


def _payable(invoice_ids: Sequence[UUID]) -> Sequence[Invoice]:
    rows = Invoice.objects.filter(pk__in=invoice_ids, open_minor__gt=0, gone_at=None)
    found = list(rows.order_by("due_date", "number"))
    kinds = {(each.customer_account_id, each.currency) for each in found}
    if len(found) != len(set(invoice_ids)) or not 1 <= len(found) <= MOST or len(kinds) != 1:
        raise NothingToPay
    return found
