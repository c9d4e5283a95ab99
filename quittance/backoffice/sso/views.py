"""The pages of single sign-on: the providers, one of them, and the domains it may vouch for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.domains.asking import ask_about, wants_word
from quittance.backoffice.sso.form import rows_of, typed, wanted_of
from quittance.backoffice.sso.kept import kept_provider
from quittance.backoffice.sso.tokens import base_address
from quittance.core.errors import OutsideError, QuittanceError, RuleBroken, Unavailable
from quittance.identity.fresh import is_fresh
from quittance.identity.permissions import Permission
from quittance.sso import providers
from quittance.sso.metadata import shown
from quittance.sso.models import IdentityProvider, ProviderDomain
from quittance.sso.providers import Wanted
from quittance.sso.roles import ROLES_OF_BUYERS, ROLES_OF_STAFF
from quittance.sso.tokens import tokens_of
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh, to_proof
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_NEW = Wanted(name="", for_staff=False, issuer="", client_id="", links_by_mail=False)


@require_GET
@for_staff(Permission.SIGN_ON)
def sso(request: StaffRequest) -> HttpResponse:
    """Every provider: whose people, which domains, whether it is in use."""
    with reading():
        rows = list(IdentityProvider.objects.prefetch_related("domains").order_by("name", "pk"))
    return page(request, "backoffice/sso/list.html", nav="sso", rows=rows, **request.frame)


@require_GET
@for_staff(Permission.SIGN_ON)
def new_provider(request: StaffRequest) -> HttpResponse:
    """An empty form, for the way that the address names."""
    return _form(request, None, replace(_NEW, kind=_kind(request.GET)))


@require_GET
@for_staff(Permission.SIGN_ON)
def provider(request: StaffRequest, provider_id: UUID) -> HttpResponse:
    """One provider, to be changed; and its domains."""
    kept = kept_provider(provider_id)
    with reading():
        wanted = wanted_of(kept)
    return _form(request, kept, wanted)


@require_POST
@for_staff(Permission.SIGN_ON)
def keep_new_provider(request: StaffRequest) -> HttpResponse:
    """Keep a new provider."""
    return _keep(request, None)


@require_POST
@for_staff(Permission.SIGN_ON)
def keep_provider(request: StaffRequest, provider_id: UUID) -> HttpResponse:
    """Change a provider; who is signed in stays so."""
    return _keep(request, kept_provider(provider_id))


@require_POST
@for_staff(Permission.SIGN_ON)
@needs_fresh
def claim(request: StaffRequest, provider_id: UUID) -> HttpResponse:
    """Name a domain that it is to vouch for."""
    kept = kept_provider(provider_id)
    try:
        providers.claim_domain(kept.pk, request.POST.get("domain", "")[:300])
    except RuleBroken as error:
        return _again(request, kept, error, "domain")
    return _back(kept, "claimed", request)


@require_POST
@for_staff(Permission.SIGN_ON)
@needs_fresh
def prove(request: StaffRequest, provider_id: UUID, domain_id: UUID) -> HttpResponse:
    """Look for the word in the domain's name system."""
    kept = _with_domain(provider_id, domain_id)
    try:
        if wants_word():
            row = providers.look_for(domain_id)
            words = _("Prove the mail domain %(name)s")
            return _ask(request, kept, row, "prove mail", words)
        providers.prove_domain(domain_id)
    except (RuleBroken, Unavailable) as error:
        return _again(request, kept, error, "domain")
    return _back(kept, "proven", request)


@require_POST
@for_staff(Permission.SIGN_ON)
@needs_fresh
def give_up(request: StaffRequest, provider_id: UUID, domain_id: UUID) -> HttpResponse:
    """Have it vouch for a domain no more."""
    kept = _with_domain(provider_id, domain_id)
    with reading():
        row = ProviderDomain.objects.get(pk=domain_id)
    if (row.proven_at or row.lost_at) and wants_word():
        try:
            return _ask(request, kept, row, "release mail", _("Give up the mail domain %(name)s"))
        except RuleBroken as error:
            return _again(request, kept, error, "domain")
    providers.give_domain_up(domain_id)
    return _back(kept, "given_up", request)


def _ask(
    request: StaffRequest, kept: IdentityProvider, row: ProviderDomain, act: str, title: str
) -> HttpResponse:
    words = title % {"name": row.domain}
    ask_about(act, row.pk, row.domain, by=request.person, title=words, provider=kept.name)
    return _back(kept, "asked", request)


def _keep(request: StaffRequest, kept: IdentityProvider | None) -> HttpResponse:
    kind = kept.kind if kept else _kind(request.POST)
    if not is_fresh(request.session):  # what was typed has a secret in it: it is not kept
        then = f"{reverse('backoffice:new_provider')}?kind={kind}"
        return to_proof(request, then=_address(kept) if kept else then)
    wanted = typed(request.POST, kind=kind)
    try:
        made = providers.keep_provider(kept.pk if kept else None, wanted)
    except (RuleBroken, OutsideError) as error:
        return _form(request, kept, wanted, errors=[("", _said(error))])
    return _back(made, "kept", request)


def _kind(sent: Mapping[str, str]) -> str:
    kinds = IdentityProvider.Kind
    return kinds.SAML if sent.get("kind") == kinds.SAML else kinds.OIDC


def _again(
    request: StaffRequest, kept: IdentityProvider, error: QuittanceError, field: str
) -> HttpResponse:
    with reading():
        wanted = wanted_of(kept)
    return _form(request, kept, wanted, errors=[(field, _said(error))])


def _said(error: QuittanceError) -> str:
    return sentence_for(error) if isinstance(error, RuleBroken) else str(error)


def _with_domain(provider_id: UUID, domain_id: UUID) -> IdentityProvider:
    with reading():
        if not ProviderDomain.objects.filter(pk=domain_id, provider_id=provider_id).exists():
            raise Http404
    return kept_provider(provider_id)


def _form(
    request: StaffRequest, kept: IdentityProvider | None, wanted: Wanted,
    *, errors: Sequence[tuple[str, str]] = (),
) -> HttpResponse:  # fmt: skip
    with reading():
        domains = list(kept.domains.order_by("domain")) if kept else []
        tokens = list(tokens_of(kept)) if kept else []
    for_staff = kept.for_staff if kept else wanted.for_staff
    done = {
        "kept": _("Kept. New sign-ins follow it."),
        "claimed": _("Now its owner writes the record below; then check it."),
        "proven": _("The domain is proven. Its people can sign in with their company."),
        "asked": _("Another person has to confirm it. Until then all stays as it is."),
        "given_up": _("Nobody vouches for this domain any more."),
        "token_gone": _("The token opens nothing any more."),
    }
    return page(
        request, "backoffice/sso/provider.html", status=422 if errors else 200, nav="sso",
        kept=kept, wanted=wanted, rows=rows_of(wanted), everybody=wanted.roles.get("", ""),
        staff_roles=ROLES_OF_STAFF, buyer_roles=ROLES_OF_BUYERS, for_staff=for_staff,
        domains=domains, tokens=tokens, base=base_address(request, kept.pk) if kept else "",
        back=request.build_absolute_uri(reverse("portal:sso_back")),
        acs=request.build_absolute_uri(reverse("portal:saml_answer")),
        entity_id=request.build_absolute_uri(reverse("portal:saml_metadata")),
        certificates=shown(kept.certificates) if kept else [], errors=list(errors),
        done=done.get(request.GET.get("done", ""), ""), **request.frame,
    )  # fmt: skip


def _back(kept: IdentityProvider, done: str, request: StaffRequest) -> HttpResponse:
    return hx_redirect(request, f"{_address(kept)}?done={done}")


def _address(kept: IdentityProvider) -> str:
    return reverse("backoffice:provider", kwargs={"provider_id": kept.pk})
