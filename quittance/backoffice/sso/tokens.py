"""The tokens by which a company's directory says who joins and leaves: made, and taken back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.sso.kept import kept_provider
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.sso import tokens
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_POST
@for_staff(Permission.SIGN_ON)
@needs_fresh
def make_token(request: StaffRequest, provider_id: UUID) -> HttpResponse:
    """Make a token and show it, this once."""
    kept = kept_provider(provider_id)
    token, errors = "", []
    try:
        token = tokens.make_token(kept.pk)
    except RuleBroken as error:
        errors = [("", sentence_for(error))]
    return page(
        request, "backoffice/sso/token.html", status=422 if errors else 200, nav="sso", kept=kept,
        token=token, errors=errors, base=base_address(request, kept.pk), **request.frame,
    )  # fmt: skip


@require_POST
@for_staff(Permission.SIGN_ON)
@needs_fresh
def take_token_back(request: StaffRequest, provider_id: UUID, token_id: UUID) -> HttpResponse:
    """Let a token open nothing any more."""
    kept = kept_provider(provider_id)
    tokens.take_back(kept.pk, token_id)
    where = reverse("backoffice:provider", kwargs={"provider_id": kept.pk})
    return hx_redirect(request, f"{where}?done=token_gone")


def base_address(request: HttpRequest, provider_id: UUID) -> str:
    """Return what a directory is told as the address of this connection."""
    users = reverse("scim:users", kwargs={"provider_id": provider_id})
    return request.build_absolute_uri(users.removesuffix("/Users"))
