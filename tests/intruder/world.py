"""Three sellers, their people, and what is known of both."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from quittance.identity.factors.second_step import begin_second_step
from quittance.identity.models import SignIn, User
from quittance.identity.sign_in import browser_of
from quittance.paylinks.models import PayLink
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.intruder.canaries import Canaries
from tests.intruder.judge import Findings
from tests.intruder.knock import Visitor
from tests.intruder.rows import ROLES, Filler, Seller

SELLERS: Final = 3


@dataclass
class World:
    """Everything that a run needs, and what it found."""

    canaries: Canaries = field(default_factory=Canaries)
    sellers: list[Seller] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    requests: int = 0

    def fill(self) -> None:
        """Make the sellers; hosts are new each time, so that runs can share a database."""
        word, filler = secrets.token_hex(3), Filler(self.canaries)
        for name in "abc":
            self.sellers.append(filler.fill(f"Seller {name}", f"{name}-{word}.example.test"))

    def people(self) -> list[Visitor]:
        """One of everybody who may knock, spread over the sellers."""
        a, b, c = self.sellers
        found = [
            _buyer(a, 0), _buyer(a, 1), _buyer(b, 2), _link(a, 0), _link(c, 1),
            _staff(c, "auditor"), _staff(a, "clerk"), _staff(b, "manager"),
            _staff(c, "integrator"), _staff(a, "administrator"), _looking(b, 0),
            Visitor("anonymous", a),
        ]  # fmt: skip
        for each in found:
            if each.name != "anonymous":
                each.sign_in()
        expired = _staff(b, "administrator", name="expired")
        expired.sign_in()
        _note(expired, "ended_at")
        abroad = []  # with a good session of one seller's at the door of another
        for home in (_staff(b, "administrator"), _buyer(b, 0), _link(c, 0)):
            home.sign_in()
            abroad.append(Visitor("stranger", a, key=home.key))
        return [*found, expired, *abroad, _between(b), _enrolling(b)]

    def others(self, seller: Seller) -> list[Seller]:
        """The other organizations."""
        return [each for each in self.sellers if each is not seller]


def _buyer(seller: Seller, n: int) -> Visitor:
    account = seller.accounts[n]
    return Visitor(
        "buyer", seller, account=account, user=seller.buyers[account], role=str(ROLES[n])
    )


def _staff(seller: Seller, role: str, *, name: str = "") -> Visitor:
    return Visitor(name or role, seller, user=seller.staff[role])


def _link(seller: Seller, n: int) -> Visitor:
    account = seller.accounts[n]
    link: PayLink = seller.rows["PayLink"][account][0]
    return Visitor("link", seller, account=account, link=link.pk)


def _looking(seller: Seller, n: int) -> Visitor:
    """One of the staff who looks as a customer."""
    return Visitor("visitor", seller, account=seller.accounts[n], user=seller.staff["clerk"])


def _between(seller: Seller) -> Visitor:
    """Somebody of the staff who did the first step of the sign-in and not the second."""
    found = Visitor("between", seller)
    session = SessionStore()
    with working_for(seller.id, actor="test"):
        with reading():
            user = User.objects.get(pk=seller.staff["administrator"])
        begin_second_step(session, user, then="")
    session.save()
    found.key = str(session.session_key)
    return found


def _enrolling(seller: Seller) -> Visitor:
    """Somebody of the staff who may only add a second factor."""
    home = _staff(seller, "manager")
    home.sign_in()
    _note(home, "enrol_from")
    return Visitor("enrolling", seller, key=home.key)


def _note(visitor: Visitor, column: str) -> None:
    """Say of a visitor's session that something of it began, or was over, just now."""
    with working_for(visitor.seller.id, actor="test"):
        session = SessionStore(visitor.key)
        with writing():
            SignIn.objects.filter(pk=browser_of(session)).update(**{column: timezone.now()})


def fingerprint(seller: Seller, account: UUID | None = None) -> dict[str, Any]:
    """Hash every table's rows of an organization, or those that name one customer."""
    found = {}
    with working_for(seller.id, actor="test"), reading(), connection.cursor() as cursor:
        for model in apps.get_models():
            if not issubclass(model, OrganizationScoped):
                continue
            columns = {each.column for each in model._meta.concrete_fields}
            table, where = model._meta.db_table, ""
            if account is not None:
                if "customer_account_id" not in columns:
                    continue
                where = f"WHERE customer_account_id = '{account}'"
            cursor.execute(
                f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY id)) FROM {table} t"
                f" {where}"
            )
            found[table] = cursor.fetchone()
    return found
