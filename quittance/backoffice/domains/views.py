"""One page: the domains with what to publish for each, and what can be done about one."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from quittance.audit.record import record_event
from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.domains.asking import ask_about, remember, wants_word
from quittance.core.errors import RuleBroken, Unavailable
from quittance.identity.permissions import Permission
from quittance.tenancy.address import portal_address, portal_hosts, use_in_mails
from quittance.tenancy.domains import (
    LOST_AFTER,
    Found,
    check_domain,
    claim_domain,
    domain_name,
    domains,
    is_published,
    release_domain,
)
from quittance.tenancy.models import DomainClaim
from quittance.tenancy.rows import reading, writing
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_DONE: Final = {
    "claimed": ("good", noop("Publish the text below, then have it looked at.")),
    Found.PROVEN: ("good", noop("The text is there: the domain is proven.")),
    Found.MISSING: ("bad", noop("The text is not there yet. The DNS may take an hour.")),
    Found.OVER: ("bad", noop("The domain is no longer claimed.")),
    Found.TAKEN: (
        "bad",
        noop("Another organization holds this domain, or held it in the last 30 days."),
    ),
    "silent": ("bad", noop("The DNS did not answer. Nothing changed; try again later.")),
    "asked": ("good", noop("Another person has to confirm it. Until then all stays as it is.")),
    "released": ("good", noop("The domain is given up. The portal answers under it no more.")),
    "canonical": ("good", noop("Links in mails lead there from now on.")),
}


@require_GET
@for_staff(Permission.SIGN_ON)
def listed(request: StaffRequest) -> HttpResponse:
    """The domains, and the hosts under which the portal answers."""
    return _page(request)


@require_POST
@for_staff(Permission.SIGN_ON)
def claim(request: StaffRequest) -> HttpResponse:
    """Begin to prove one."""
    sent = request.POST
    try:
        if _again(request, sent.get("name", "")[:300], for_portal="for_portal" in sent):
            return _back(request, "asked")
        made = claim_domain(sent.get("name", "")[:300], for_portal="for_portal" in sent)
    except RuleBroken as error:
        return _page(request, errors=[("", sentence_for(error))], status=422)
    remember("domain claimed", made)
    return _back(request, "claimed")


@require_POST
@for_staff(Permission.SIGN_ON)
def check(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Look into the DNS now."""
    made = _claim(claim_id)
    try:
        if not made.is_proven and wants_word() and is_published(made):
            return _ask(request, made, "prove", _("Prove the domain %(name)s"))
        found = check_domain(claim_id)
    except Unavailable:
        return _back(request, "silent")
    remember("domain looked at", made, found=str(found))
    return _back(request, found)


@require_POST
@for_staff(Permission.SIGN_ON)
def release(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Give one up."""
    made = _claim(claim_id)
    if made.proven_at is not None and wants_word():
        return _ask(request, made, "release", _("Give up the domain %(name)s"))
    release_domain(claim_id)
    remember("domain released", made)
    return _back(request, "released")


@require_POST
@for_staff(Permission.SIGN_ON)
def canonical(request: StaffRequest) -> HttpResponse:
    """Have links in mails lead to this host."""
    name = request.POST.get("host", "").replace("\0", "\ufffd")[:253]
    if not use_in_mails(name):
        raise Http404
    with writing():
        record_event("host of mails chosen", subject_kind="domain", host=name)
    return _back(request, "canonical")


def _again(request: StaffRequest, typed: str, *, for_portal: bool) -> bool:
    """Ask, if need be, to claim what was proven before: the daily look could prove it alone."""
    if not wants_word():
        return False
    with reading():
        row = DomainClaim.objects.filter(name=domain_name(typed), proven_at__isnull=False).first()
    if row is None or (row.released_at is None and not (for_portal and not row.for_portal)):
        return False
    ask_about(
        "claim", row.pk, row.name, by=request.person, for_portal="yes" if for_portal else "no",
        title=_("Claim the domain %(name)s again") % {"name": row.name},
    )  # fmt: skip
    return True


def _ask(request: StaffRequest, claim: DomainClaim, act: str, title: str) -> HttpResponse:
    words = title % {"name": claim.name}
    try:
        ask_about(act, claim.pk, claim.name, by=request.person, title=words)
    except RuleBroken as error:
        return _page(request, errors=[("", sentence_for(error))], status=409)
    return _back(request, "asked")


def _page(
    request: StaffRequest, *, errors: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    with reading():
        claims = domains()
        hosts = portal_hosts()
    tone, done = _DONE.get(request.GET.get("done", ""), ("", ""))
    return page(
        request, "backoffice/domains/list.html", status=status, nav="branding", errors=errors or [],
        claims=[(each, _state(each)) for each in claims], hosts=hosts, tone=tone,
        done=_(done) if done else "", name=request.POST.get("name", "")[:253],
        mails=portal_address(request.organization_id), **request.frame,
    )  # fmt: skip


def _state(claim: DomainClaim) -> tuple[str, str, str]:
    """Return word, icon and tone."""
    if claim.is_proven and claim.misses:
        words = _("Proven, but missed at the last look: %(n)s in a row lose it")
        return words % {"n": LOST_AFTER}, "alert-circle", "warn"
    if claim.is_proven:
        return _("Proven"), "circle-check", "good"
    if claim.lost_at is not None:
        return _("Lost: the text is not there any more"), "circle-x", "bad"
    return _("Not proven yet"), "clock", "quiet"


def _claim(claim_id: UUID) -> DomainClaim:
    with reading():
        found = DomainClaim.objects.filter(pk=claim_id, released_at=None).first()
    if found is None:
        raise Http404
    return found


def _back(request: StaffRequest, done: str) -> HttpResponse:
    return hx_redirect(request, f"{reverse('backoffice:domains')}?done={done}")
