"""Sets up who may vouch for whom; an administrator does it, and the owner of a domain proves it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.connections.reach import check_address
from quittance.core import clock
from quittance.core.errors import RuleBroken, Unavailable
from quittance.httpclient.txt import texts_at
from quittance.receivables.models import CustomerAccount
from quittance.sso import oidc
from quittance.sso.kept_out import sealed_anew
from quittance.sso.metadata import Told, joined, shown, split, told_at, told_by
from quittance.sso.models import GroupRole, IdentityProvider, ProviderAccount, ProviderDomain
from quittance.sso.roles import ROLES_OF_BUYERS, ROLES_OF_STAFF
from quittance.sso.tokens import take_all_back
from quittance.tenancy.domains import LOST_AFTER, WithWord, domain_name
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id
from quittance.tenancy.seal import open_sealed, seal

PLACE: Final = "sso_identityprovider"


class NotComplete(RuleBroken):
    """Something is missing. Nothing was kept."""


class Taken(RuleBroken):
    """Another identity provider here has it already. Nothing was kept."""


class NoSuchCustomer(RuleBroken):
    """There is no customer with this number. Nothing was kept."""


class NotProven(RuleBroken):
    """The record is not there yet. It can take an hour until it is seen; then check again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A provider as an administrator wants it. ``secret``: "" keeps the one that is sealed."""

    name: str
    for_staff: bool
    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    kind: str = IdentityProvider.Kind.OIDC  # of a new one; it stays
    metadata: str = ""  # SAML, as XML; "": those that were read before
    metadata_url: str = ""  # or where they are
    keep_certificates: bool = False  # those of before sign as well: while they are changed there
    groups_claim: str = "groups"
    links_by_mail: bool = False
    required: bool = False
    is_active: bool = True
    customers: Sequence[str] = ()  # their numbers
    roles: Mapping[str, str] = field(default_factory=dict)  # group to role; "": everybody


def keep_provider(provider_id: UUID | None, wanted: Wanted) -> IdentityProvider:
    """Keep a new provider, or change one. Which side it is for stays as it was.

    Raises ``NotComplete``, ``Taken``, ``NoSuchCustomer``, ``NotMetadata``, ``Misconfigured`` for an
    address that may not be asked, and ``OutsideError`` where SAML metadata are asked for.
    """
    told = _told(wanted) if wanted.kind == IdentityProvider.Kind.SAML else None
    if wanted.kind == IdentityProvider.Kind.OIDC:
        check_address(wanted.issuer, name="Issuer")
    try:
        with writing():
            provider = _of(provider_id) if provider_id else IdentityProvider(kind=wanted.kind)
            if provider.kind != wanted.kind:
                raise NotComplete
            if provider_id is None:
                provider.for_staff = wanted.for_staff
            if provider.kind == IdentityProvider.Kind.SAML:
                wanted = _as_told(provider, wanted, told)
            _check(provider, wanted)
            if provider_id and (provider.issuer, provider.client_id) != (
                wanted.issuer, wanted.client_id,
            ):  # fmt: skip
                _forget(provider)
            for name in ("name", "issuer", "client_id", "groups_claim", "links_by_mail",
                         "required", "is_active"):  # fmt: skip
                setattr(provider, name, getattr(wanted, name))
            if wanted.secret:
                provider.sealed = _sealed(provider, wanted.secret)
            provider.save()
            _keep_accounts(provider, wanted.customers)
            _keep_roles(provider, wanted.roles)
            record_event(
                "identity provider kept", subject_id=provider.pk, name=provider.name,
                issuer=provider.issuer, required=provider.required, active=provider.is_active,
                customers=list(wanted.customers), roles=dict(wanted.roles),
                new_secret=bool(wanted.secret), certificates=_fingerprints(provider),
            )  # fmt: skip
    except IntegrityError as error:
        raise Taken from error
    return provider


def client_of(provider: IdentityProvider) -> oidc.Client:
    """Return us as this provider knows us. Raises ``Misconfigured``."""
    opened = open_sealed(
        provider.sealed, organization_id=current_organization_id(), place=PLACE,
        row_id=provider.pk,
    )  # fmt: skip
    return oidc.Client(
        issuer=provider.issuer, client_id=provider.client_id, secret=opened["secret"],
        groups_claim=provider.groups_claim,
    )  # fmt: skip


def reseal() -> int:
    """Seal the secrets of every provider with the key of now; return of how many."""
    with writing():
        rows = IdentityProvider.objects.select_for_update().order_by("pk")
        found = list(rows.exclude(sealed=b"", sealed_pepper=None))  # SAML has no client's secret
        for row in found:
            if row.sealed:
                row.sealed = _sealed(row, client_of(row).secret)
            row.sealed_pepper = sealed_anew(row)
            row.save(update_fields=["sealed", "sealed_pepper"])
    return len(found)


def claim_domain(provider_id: UUID, typed: str) -> ProviderDomain:
    """Have a provider vouch for a domain, once it is proven. Raises ``NotADomain``, ``Taken``."""
    domain = domain_name(typed)
    try:
        with writing():
            row = ProviderDomain.objects.create(
                provider=_of(provider_id), domain=domain, word=secrets.token_urlsafe(32)
            )
            record_event("domain claimed", subject_id=row.provider_id, domain=domain)
    except IntegrityError as error:
        raise Taken from error
    return row


def look_for(domain_id: UUID) -> ProviderDomain:
    """Look for the word. Raises ``NotProven``, and ``Unavailable`` when nobody can tell."""
    with reading():
        row = ProviderDomain.objects.get(pk=domain_id)
    if not _is_there(row):
        raise NotProven
    return row


def prove_domain(domain_id: UUID, *, with_word: WithWord = nullcontext) -> None:
    """Look for the word, and have its provider vouch for it. Raises as ``look_for``.

    ``with_word``, here and below, is entered in the transaction: another person's word.
    """
    row = look_for(domain_id)
    with writing(), with_word():
        ProviderDomain.objects.filter(pk=row.pk).update(
            proven_at=clock.now(), lost_at=None, missed=0
        )
        record_event("domain proven", subject_id=row.provider_id, domain=row.domain)


def give_domain_up(domain_id: UUID, *, with_word: WithWord = nullcontext) -> None:
    """Have nobody vouch for a domain any more."""
    with writing(), with_word():
        row = ProviderDomain.objects.select_for_update().get(pk=domain_id)
        row.delete()
        record_event("domain given up", subject_id=row.provider_id, domain=row.domain)


def open_domain(typed: str) -> str | None:
    """Require single sign-on of nobody of a domain any more; return whose it was.

    For an operator, where no administrator can sign in. ``None``: nobody vouches for the domain.
    """
    with writing():
        rows = ProviderDomain.objects.select_related("provider").select_for_update(of=("self",))
        row = rows.filter(domain=typed.strip().lower()).first()
        if row is None:
            return None
        IdentityProvider.objects.filter(pk=row.provider_id).update(required=False)
        record_event("single sign-on not required", subject_id=row.provider_id, domain=row.domain)
    return row.provider.name


def look_again() -> None:
    """Look for the words of all proven domains again, once a day.

    Who has lost his domain must not vouch for its new owner's people: after two looks in a row
    that did not find the word it is lost; where its provider is required, nobody of it signs in
    until it is proven again, or an administrator decides otherwise. A name system that does not
    answer counts as nothing.
    """
    before = clock.now() - timedelta(hours=20)
    with reading():
        rows = list(ProviderDomain.objects.filter(proven_at__lt=before))
    for row in rows:
        try:
            there = _is_there(row)
        except Unavailable:
            continue
        with writing():
            found = ProviderDomain.objects.select_for_update().filter(pk=row.pk).first()
            if found is None or found.proven_at is None:
                continue
            found.missed = 0 if there else found.missed + 1
            if there:
                found.proven_at = clock.now()
            elif found.missed >= LOST_AFTER:
                found.proven_at, found.lost_at = None, clock.now()
                record_event("domain lost", subject_id=row.provider_id, domain=row.domain)
            found.save()


def _sealed(provider: IdentityProvider, secret: str) -> bytes:
    return seal(
        {"secret": secret}, organization_id=current_organization_id(), place=PLACE,
        row_id=provider.pk,
    )  # fmt: skip


def _is_there(row: ProviderDomain) -> bool:
    return row.word in texts_at(row.record_name, servers=settings.DNS_SERVERS)


def _of(provider_id: UUID) -> IdentityProvider:
    return IdentityProvider.objects.select_for_update().get(pk=provider_id)


def _told(wanted: Wanted) -> Told | None:
    """Return what metadata say, asked for outside of any transaction; ``None``: none were given."""
    if wanted.metadata:
        return told_by(wanted.metadata.encode())
    return told_at(wanted.metadata_url) if wanted.metadata_url else None


def _as_told(provider: IdentityProvider, wanted: Wanted, told: Told | None) -> Wanted:
    """Put what metadata say into a SAML provider; return what is wanted with its issuer."""
    if told is None:
        return replace(wanted, issuer=provider.issuer, client_id="", secret="")
    before = split(provider.certificates) if provider.issuer == told.issuer else ()
    kept = before if wanted.keep_certificates else ()
    provider.sign_on_url = told.sign_on_url
    provider.certificates = "".join(joined([*told.certificates, *kept]))
    return replace(wanted, issuer=told.issuer, client_id="", secret="")


def _fingerprints(provider: IdentityProvider) -> list[str]:
    return [each.fingerprint for each in shown(provider.certificates)]


def _check(provider: IdentityProvider, wanted: Wanted) -> None:
    if provider.kind == IdentityProvider.Kind.SAML:
        if not provider.certificates:
            raise NotComplete("The metadata of the provider are missing. Nothing was kept.")
        if not (wanted.name and wanted.groups_claim):
            raise NotComplete
    else:
        _check_client(provider, wanted)
    known = ROLES_OF_STAFF if provider.for_staff else ROLES_OF_BUYERS
    if not wanted.roles or not set(wanted.roles.values()) <= set(known):
        raise NotComplete("Say which role at least one group, or everybody, has.")
    if not provider.for_staff and not wanted.customers:
        raise NotComplete("Name the customers whose people it vouches for. Nothing was kept.")


def _check_client(provider: IdentityProvider, wanted: Wanted) -> None:
    if not (wanted.name and wanted.issuer and wanted.client_id and wanted.groups_claim):
        raise NotComplete
    if not (wanted.secret or provider.sealed):
        raise NotComplete("The client secret is missing. Nothing was kept.")
    if provider.sealed and wanted.issuer != provider.issuer and not wanted.secret:
        raise NotComplete(
            "The secret belongs to the other issuer: enter that of the new one. Nothing was kept."
        )


def _forget(provider: IdentityProvider) -> None:
    """Know nobody of it any more: another issuer's keys of people mean other people.

    Its domains are to be proven anew, by other words: whoever set the new one up may be another.
    """
    provider.people.all().delete()
    take_all_back(provider)
    for row in provider.domains.all():
        row.lost_at = row.lost_at or (clock.now() if row.proven_at else None)
        row.word, row.proven_at, row.missed = secrets.token_urlsafe(32), None, 0
        row.save()


def _keep_accounts(provider: IdentityProvider, numbers: Sequence[str]) -> None:
    """Keep the accounts with these numbers. Raises ``NoSuchCustomer``."""
    found = dict(
        CustomerAccount.objects.filter(number__in=numbers, gone_at=None).values_list("pk", "number")
    )
    missing = set(numbers) - set(found.values())
    if missing:
        raise NoSuchCustomer(f"There is no customer {min(missing)!r}. Nothing was kept.")
    several = {number for number in numbers if list(found.values()).count(number) > 1}
    if several:  # a number means one customer in one set of books only
        raise NoSuchCustomer(
            f"Several of your companies have a customer {min(several)!r}, perhaps not the same one."
            " Nothing was kept: this cannot be told apart here yet."
        )
    provider.accounts.exclude(customer_account_id__in=found).delete()
    there = set(provider.accounts.values_list("customer_account_id", flat=True))
    ProviderAccount.objects.bulk_create(
        ProviderAccount(provider=provider, customer_account_id=pk) for pk in found.keys() - there
    )


def _keep_roles(provider: IdentityProvider, roles: Mapping[str, str]) -> None:
    provider.roles.all().delete()
    GroupRole.objects.bulk_create(
        GroupRole(provider=provider, group=group, role=role) for group, role in roles.items()
    )
