"""Newcomers: a way in that is open, a mailbox that is proven, facts that are right or wrong."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore

from quittance.arrivals.asking import Knowledge, ask_in
from quittance.arrivals.knowing import Named
from quittance.arrivals.models import JoinRequest
from quittance.arrivals.proving import mail_code, prove_mailbox
from quittance.arrivals.rules import Rules, keep_rules
from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import SignInTry, User
from quittance.notifications.models import Message
from quittance.receivables.models import Contact, CustomerAccount, FormerContact, Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.identity.people import browser

NEW, IP = "nina@harborline.test", "203.0.113.9"


def opened(**different: Any) -> Rules:
    """The organization lets people ask in."""
    rules = Rules(is_open=True)._replace(**different)
    keep_rules(rules)
    return rules


def known_to_erp(email: str, number: str = HARBORLINE) -> None:
    """The ERP has this mailbox for the customer, among others."""
    with writing():
        CustomerAccount.objects.filter(number=number).update(email=f"ap@x.test; {email.upper()}")


def mailed_code(email: str = NEW) -> str:
    """The code of the latest mail."""
    with reading():
        mails = Message.objects.filter(kind="join_code", to=email)
        return str(mails.order_by("-next_at", "-pk")[0].facts["code"])


def at(email: str = NEW, *, ip: str = IP) -> SessionStore:
    """A browser in which this mailbox was proven."""
    session = browser()
    mail_code(email, session, ip=ip, language="en")
    prove_mailbox(mailed_code(email), session)
    return session


def named(invoice: Invoice, *, minor: int | None = None, number: str = "") -> Named:
    """An invoice as somebody names it who has it before him."""
    amount = invoice.total_minor if minor is None else minor
    return Named(number or invoice.number, lambda currency: {Money(amount, currency)})


def ask(
    session: SessionStore, *invoices: Named, number: str = HARBORLINE, ip: str = IP
) -> JoinRequest:
    """Name a customer and invoices."""
    knows = Knowledge(name="Nina Berg", number=number, invoices=invoices, language="en")
    return ask_in(knows, session, ip=ip)


def acts_for(account: CustomerAccount, person: User, role: str) -> None:
    """This person acts for the account."""
    with writing():
        Contact.objects.create(user=person, customer_account=account, role=role)


def removed_from(account: CustomerAccount, person: User) -> None:
    """The team of the account removed this person just now."""
    with writing():
        FormerContact.objects.create(
            user=person, customer_account=account, left_at=clock.now(), by_team=True
        )


def forget_counts() -> None:
    """A day goes by."""
    with writing():
        SignInTry.objects.all().delete()
