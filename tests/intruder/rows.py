"""Rows of every table for every customer, made generically: a new table is filled by itself."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, connection, models

from quittance.connections.keep import keep_erp_connection, keep_gateway_account
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.identity.permissions import BuyerRole
from quittance.tenancy.models import Host, Organization, OrganizationScoped
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from quittance.tenancy.walls import EVERYBODY
from tests.branding.test_logos import png
from tests.intruder.canaries import Canaries, Owner
from tests.tenancy.filled import BY_THE_DATABASE, parents_first

PASSWORD: Final = "correct horse battery"
CUSTOMERS: Final = 3
ROLES: Final = (BuyerRole.ADMINISTER, BuyerRole.VIEW, BuyerRole.PAY)  # of the three buyers
EACH: Final = 2  # rows of a table for each customer
NOBODY: Final = "http://127.0.0.1:9"  # where nobody answers: nothing outside is asked
_PLAIN: Final = {"payments_payment.number", "receivables_invoice.order_number"}  # in addresses
# What is not so yet for an entry of a bank, or would be wrong of another's.
_UNTOLD: Final = (
    {f"transfers_bankentry.{name}_id" for name in ("announcement", "payment", "customer_account")}
    | {f"approvals_approvalrequest.{name}_id" for name in ("decided_by", "decided_for")}
    | {"confirmations_confirmation.decided_by_id"}
)
_SEALED: Final = {"groups": [], "settled": 1, "discount": 0, "credit": 0, "fee": 0, "total": 1,
                  "count": 1}  # fmt: skip
# Columns whose value means something to the code that reads the row.
_MEANING: Final[dict[str, Any]] = {
    "currency": "USD", "zone": "America/Los_Angeles", "language": "", "formats": "",
    "accent": "#112233", "erp_status": "open", "iban": "", "country": "US", "bic": "",
    "pays_only": "", "came_currency": "", "hindrance": "", "method": "card", "locale": "en",
    "quantity": "1", "unit_price": "1.00", "tax_percent": "0", "redirect_url": "",
    "return_url": "https://x.example/", "cancel_url": "https://x.example/", "last4": "4242",
    "logo_type": "", "reverses": "", "what": "signed in", "actor": "test", "ip_address": "10.0.0.1",
    "text_version": "card-1", "contact_email": "", "names_product": True, "is_active": True,
    "is_offered": True, "stream": "invoices", "wait_because": "", "stopped_because": "",
    "failure": "", "problem": "", "limit_currency": "", "remedy": "", "ended_by": "",
    "test_failure": "",
}  # fmt: skip
_OF_ONE: Final[dict[str, Any]] = {
    "disputes_disputefile.kind": "pdf", "reconciliation_finding.kind": "unknown_movement",
    "disputes_disputenote.act": "opened", "payments_gatewayattempt.reference": None,
    "exports_bundle.kind": "pdf", "exports_bundle.whole": 1, "exports_statementfile.form": "pdf",
    "confirmations_confirmation.kind": "credentials",
    "approvals_approvalrequest.sealed": _SEALED, "approvals_pledge.announcement_id": None,
}  # fmt: skip


@dataclass
class Seller:
    """One organization: its host, its customers and people, and the ids of all rows."""

    id: UUID
    host: str
    accounts: list[UUID] = field(default_factory=list)
    buyers: dict[UUID, UUID] = field(default_factory=dict)  # by account
    staff: dict[str, UUID] = field(default_factory=dict)  # by role
    rows: dict[str, dict[UUID | None, list[Any]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )  # by model and account
    hook: str = ""
    hint: str = ""
    tokens: dict[UUID, str] = field(default_factory=dict)  # of pay links, by account
    alone: dict[str, str] = field(default_factory=dict)  # tables that take one row only, and why

    def row(self, model: str, account: UUID | None, which: int = 0) -> Any:
        """Return a row of a customer, or of the organization."""
        found = self.rows[model][account] or self.rows[model][None]
        return found[which % len(found)] if found else None


class Filler:
    """Fills organizations."""

    def __init__(self, canaries: Canaries) -> None:
        self.canaries = canaries
        self._serial = 0

    def fill(self, name: str, host: str) -> Seller:
        """Make an organization with three customers and rows of every table."""
        seller = Seller(new_id(), host)
        with working_for(seller.id, actor="test"), writing():
            Organization.objects.create(pk=seller.id, name=name)
            Host.objects.create(name=host, organization_id=seller.id)
            for model in parents_first():
                if model._meta.db_table not in BY_THE_DATABASE:
                    self._fill_table(model, seller)
        return seller

    def _fill_table(self, model: type[OrganizationScoped], seller: Seller) -> None:
        special = {"User": self._people, "ErpConnection": self._erp, "GatewayAccount": self._ways}
        if model.__name__ in special:
            special[model.__name__](seller)
            return
        columns = {each.attname: each for each in model._meta.concrete_fields}
        required = columns.get("customer_account_id")
        owners: Sequence[UUID | None] = [None]
        if model.__name__ == "CustomerAccount":
            owners = [None] * CUSTOMERS
        elif required is not None:
            owners = seller.accounts
        for account in owners:
            for which in range(1 if model.__name__ == "CustomerAccount" else EACH):
                self._try(model, seller, account, which)

    def _try(
        self, model: type[OrganizationScoped], seller: Seller, account: UUID | None, which: int
    ) -> None:
        """Make one row; a table may refuse a second one, or have had it made by a trigger."""
        from django.db import transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                row = self._make(model, seller, account, which)
                if model.__name__ == "LedgerEntry":  # the database wants a balance
                    model.objects.create(  # type: ignore[misc]
                        transaction_id=row.transaction_id, account="x", amount_minor=-1,
                        currency="USD",
                    )  # fmt: skip
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except DatabaseError as error:
            if not self._has_rows(model, account):
                raise
            seller.alone[model._meta.label] = str(error).partition("\n")[0]
            return
        if model.__name__ == "CustomerAccount":
            account = row.pk
            self._new_account(seller, row.pk)
        seller.rows[model.__name__][account].append(row)
        self.canaries.note_id(row.pk, self._owner(model, seller, account, "id"))

    def _has_rows(self, model: type[OrganizationScoped], account: UUID | None) -> bool:
        whose = {"customer_account_id": account} if account else {}
        return bool(model.objects.filter(**whose).exists())

    def _new_account(self, seller: Seller, account: UUID) -> None:
        """Give the customer the next buyer that was made."""
        seller.accounts.append(account)
        user = seller.rows["User"][None][-len(seller.accounts)]
        seller.buyers[account] = user.pk
        owner = Owner(seller.id, account, "identity_user", is_open=False)
        for word in (str(user.pk), user.name[:10]):
            self.canaries.owners[word.encode()] = owner

    def _make(
        self, model: type[OrganizationScoped], seller: Seller, account: UUID | None, which: int
    ) -> Any:
        values = {}
        for each in model._meta.concrete_fields:
            if each.name in {"id", "organization"}:
                continue
            value = self._value(each, model, seller, account, which)
            if value is not None:
                values[each.attname] = value
        if model.__name__ == "PayLink" and account is not None:
            token = f"tkn{new_id().hex}{new_id().hex}"[:43]
            seller.tokens.setdefault(account, token)
            if which == 0:
                values["token_hash"] = hashlib.sha256(token.encode()).hexdigest()
        if model.__name__ == "Payment":  # the one that a posting stands for
            values["id"] = seller.rows["ErpPosting"][account][which].source_id
        if model.__name__ == "Contact" and account is not None:
            values["role"] = ROLES[seller.accounts.index(account)]
        if model.__name__ == "ApprovalRequest":
            values["account_ids"] = [str(account)]
        if model.__name__ == "Deputy":  # another person than the approver
            values["deputy_id"] = seller.staff["clerk"]
        if model.__name__ == "SignInPolicy":  # nobody here has a second factor
            values |= {"staff": "offered", "buyers": "offered"}
        if model.__name__ == "Brand":
            values |= {"logo_light": png(8, 8), "logo_type": "image/png", "logo_width": 8}
        return model.objects.create(**values)  # type: ignore[misc]

    def _value(
        self, each: Any, model: type[OrganizationScoped], seller: Seller, account: UUID | None,
        which: int,
    ) -> Any:  # fmt: skip
        place = f"{model._meta.db_table}.{each.attname}"
        if place in _UNTOLD:
            return None
        if place in _OF_ONE:
            if _OF_ONE[place] is not None:
                return _OF_ONE[place]
        elif each.is_relation:
            return self._reference(each, seller, account, which)
        elif each.attname == "customer_account_id":
            return account
        elif each.null or (each.has_default() and (not _is_text(each) or _is_look(model))):
            return None
        elif each.choices:
            return next(iter(dict(each.flatchoices)))
        elif each.attname in _MEANING:
            return _MEANING[each.attname]
        return self._plain(each, self._owner(model, seller, account, each.attname))

    def _reference(self, each: Any, seller: Seller, account: UUID | None, which: int) -> Any:
        target = each.related_model.__name__
        if target == "CustomerAccount":
            return account or seller.accounts[0]
        if target == "User":
            return seller.buyers[account] if account else seller.staff["clerk"]
        first = seller.rows[target]
        found = first[account] or first[None] or first[seller.accounts[0]]
        if not found and each.null:  # it is made later
            return None
        return found[which % len(found)].pk

    def _plain(self, each: Any, owner: Owner) -> Any:
        self._serial += 1
        place = owner.place
        kind = each.get_internal_type()
        if _is_text(each):
            longest = each.max_length or 60
            if "hash" in each.attname or each.attname in {"key", "fingerprint", "sha256"}:
                return hashlib.sha256(str(new_id()).encode()).hexdigest()[:longest]
            if "path" in each.attname:
                return new_id().hex
            word = self.canaries.word(owner, 10 if place in _PLAIN else min(longest, 60))
            mails = {"email", "to", "sent_to", "payer_mail", "payer_email", "reply_to"}
            if each.attname in mails:
                return f"{word[:10]}@x.example"
            return word if word != "x" else f"{self._serial:x}"[:longest]
        if each.attname in {"expires_at", "until"}:
            return clock.now() + timedelta(days=9)
        simple: dict[str, Any] = {
            "UUIDField": new_id(), "DateField": date(2026, 3, 1), "JSONField": {},
            "DateTimeField": datetime(2026, 3, 1, tzinfo=UTC), "BinaryField": b"sealed",
            "BooleanField": False,
        }  # fmt: skip
        if each.attname in {"ordinal", "number", "place", "sequence", "line_number", "position"}:
            return self._serial % 30000
        return 0 if each.attname == "in_flight_seen_minor" else simple.get(kind, 1)

    def _owner(
        self, model: type[OrganizationScoped], seller: Seller, account: UUID | None, column: str
    ) -> Owner:
        place = f"{model._meta.db_table}.{column}"
        return Owner(seller.id, account, place, model.wall == EVERYBODY)

    def _people(self, seller: Seller) -> None:
        """A buyer for each customer, and staff of each role; they are let in by a password."""
        password = make_password(PASSWORD)
        roles = [role for role in User.StaffRole.values if role]
        # Accounts are not made yet: whose a buyer is, is said when they are (``Contact``).
        for role in [*roles, *[""] * CUSTOMERS]:
            owner = Owner(seller.id, None, "identity_user", is_open=False)
            word = self.canaries.word(owner, 20)
            user = User.objects.create(
                email=f"{word[:10]}@x.example", name=word, password=password, staff_role=role
            )
            if role:
                seller.staff[role] = user.pk
            seller.rows["User"][None].append(user)
            self.canaries.note_id(user.pk, owner)

    def _ways(self, seller: Seller) -> None:
        settings = {"address": NOBODY, "api_key": "sk_x", "webhook_secret": "whsec_dGVzdHM="}
        for which in range(EACH):
            row = keep_gateway_account(kind="sandbox", name=f"Gateway {which}", settings=settings)
            seller.rows["GatewayAccount"][None].append(row)
            self.canaries.note_id(row.pk, Owner(seller.id, None, "connections_gatewayaccount.id",
                                                is_open=True))  # fmt: skip
            seller.hook = row.webhook_path

    def _erp(self, seller: Seller) -> None:
        settings = {
            "address": NOBODY, "sign_in_address": NOBODY, "tenant": "contoso.example",
            "environment": "production", "company_id": str(new_id()), "client_id": str(new_id()),
            "client_secret": "sandbox-secret", "local_currency": "USD",
            "clearing_account": "2910", "ledger_service": "Cust_LedgerEntries",
        }  # fmt: skip
        for entity in seller.rows["LegalEntity"][None]:
            row = keep_erp_connection(
                legal_entity_id=entity.pk, kind="business_central", settings=settings
            )
            seller.rows["ErpConnection"][None].append(row)
            seller.hint = row.hint_path


def _is_text(each: models.Field[Any, Any]) -> bool:
    return each.get_internal_type() in {"CharField", "TextField"} and not each.choices


def _is_look(model: type[models.Model]) -> bool:
    """Say whether the code looks a text up that stands in this table: fonts, tones."""
    return model.__name__ in {"Brand", "DisputeRules"}
