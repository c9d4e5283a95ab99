"""The page of the brand: a draft with its preview, publishing, the logo, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from email.utils import parseaddr
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.branding.form import look_address, typed, typed_texts
from quittance.backoffice.branding.senders import records_of
from quittance.branding import keep
from quittance.branding.keep import CannotLookSo, Chosen
from quittance.branding.logos import MOST_BYTES, Logo, NoLogo, drawn_logo
from quittance.branding.look import look_of
from quittance.branding.models import Brand, BrandVersion
from quittance.branding.repairs import repairs_of
from quittance.branding.theme import css_within
from quittance.core.errors import OutsideError, RuleBroken
from quittance.core.languages import LANGUAGES
from quittance.identity.models import User
from quittance.identity.permissions import Permission
from quittance.notifications.letterhead import Letterhead
from quittance.tenancy.rows import reading
from quittance.ui.bodies import takes_files
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_FIRST = Chosen(name="")  # whose colours a preview shows while what was typed is no colour


@require_GET
@for_staff(Permission.BRAND)
def brand(request: StaffRequest) -> HttpResponse:
    """How it looks now, or a draft: what the address says and the preview shows is not kept."""
    kept = _kept(request)
    if "sender" in request.GET:  # nothing of a draft is sent with it
        return _editor(request, kept, kept, sender=_sender())
    return _editor(request, typed(request.GET, kept), kept)


@require_GET
@for_staff(Permission.BRAND)
def preview_css(request: StaffRequest) -> HttpResponse:
    """The draft's colours for the preview alone; the rest of the page keeps ours."""
    draft = _drawable(typed(request.GET, _FIRST))
    return HttpResponse(
        css_within(draft, ".preview"),
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": "private, max-age=3600"},
    )


@require_POST
@for_staff(Permission.BRAND)
def publish(request: StaffRequest) -> HttpResponse:
    """Have the portal look so from now on."""
    return _publish(request, typed)


@require_POST
@for_staff(Permission.BRAND)
def publish_texts(request: StaffRequest) -> HttpResponse:
    """Have the portal, mails and PDFs say so in other languages from now on."""
    return _publish(request, typed_texts)


@takes_files(2 * MOST_BYTES)  # light and dark
@require_POST
@for_staff(Permission.BRAND)
def logo(request: StaffRequest) -> HttpResponse:
    """Draw the uploaded files anew and show them as the logo from now on."""
    drawn: list[Logo | None] = []
    for name in ("light", "dark"):
        file = request.FILES.get(name)
        try:
            drawn.append(drawn_logo(_read(file)) if isinstance(file, UploadedFile) else None)
        except NoLogo as error:
            return _refused(request, name, str(error))
    light, dark = drawn
    if light is None:
        return _refused(request, "light", _("Choose the file of the logo."))
    keep.keep_logo(light, dark)
    return _back("logo", request)


@require_POST
@for_staff(Permission.BRAND)
def remove_logo(request: StaffRequest) -> HttpResponse:
    """Show the name where the logo was."""
    keep.remove_logo()
    return _back("no-logo", request)


@require_POST
@for_staff(Permission.BRAND)
def go_back(request: StaffRequest, number: int) -> HttpResponse:
    """Look as before one of the changes again."""
    kept = _kept(request)
    try:
        keep.go_back(number)
    except RuleBroken as error:
        return _editor(request, kept, kept, errors=[("versions", sentence_for(error))])
    return _back("back", request)


def _publish(
    request: StaffRequest, read: Callable[[Mapping[str, str], Chosen], Chosen]
) -> HttpResponse:
    """Keep what a form says; what cannot be is shown again with what is wrong of it."""
    kept = _kept(request)
    draft = read(request.POST, kept)
    try:
        changed = keep.keep_brand(draft)
    except CannotLookSo as error:
        wrongs = [(each.field, each.sentence) for each in error.wrongs]
        return _editor(request, draft, kept, errors=wrongs)
    return _back("published" if changed else "same", request)


def _kept(request: StaffRequest) -> Chosen:
    with reading():
        row = Brand.objects.first()
    return keep.chosen_of(row) if row else Chosen(name=request.organization_name)


def _read(file: UploadedFile[bytes]) -> bytes:
    return bytes(file.read(MOST_BYTES + 1))


def _refused(request: StaffRequest, field: str, sentence: str) -> HttpResponse:
    kept = _kept(request)
    return _editor(request, kept, kept, errors=[(field, sentence)])


def _sender() -> dict[str, Any]:
    """Return from where mails come, and what the DNS says of it or why it says nothing."""
    with reading():
        address = parseaddr(Letterhead(Brand.objects.first()).sender)[1]
    try:
        return {"address": address, "records": records_of(address), "problem": ""}
    except (RuleBroken, OutsideError) as error:
        return {"address": address, "records": [], "problem": str(error)}


def _editor(
    request: StaffRequest, draft: Chosen, kept: Chosen, *, errors: Sequence[tuple[str, str]] = (),
    sender: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    with reading():
        before = keep.versions()
        people = {f"user:{each.pk}": each.name for each in User.objects.exclude(staff_role="")}
    shown = _drawable(draft)
    done = {
        "published": _("The portal looks so now. Mails and PDFs follow at once."),
        "same": _("Nothing was changed."),
        "logo": _("The logo is shown now."),
        "no-logo": _("The name is shown where the logo was."),
        "back": _("The portal looks as it did before that change."),
    }
    links = list(draft.links) + [("", "")] * (keep.MOST_LINKS - len(draft.links))
    return page(
        request, "backoffice/branding/brand.html", status=422 if errors else 200, nav="branding",
        draft=draft, is_draft=draft != kept, errors=list(errors), links=links,
        done=done.get(request.GET.get("done", ""), ""),
        repairs=repairs_of(shown.accent), css=look_address(shown), shown=shown,
        all_languages=LANGUAGES, others=_others(draft),
        wrong_in={code for code in LANGUAGES for name, _said in errors if f"-{code}" in name},
        portal_look=look_of(request.organization_id, name=request.organization_name),
        sender=sender,
        versions=[(each, people.get(each.replaced_by, ""), _what(each)) for each in before],
        **request.frame,
    )  # fmt: skip


def _others(draft: Chosen) -> list[dict[str, Any]]:
    """Return the other languages that are offered, with what is said otherwise in each."""
    offered = [code for code in draft.languages or LANGUAGES if code != draft.language]
    return [
        {
            "code": code, "name": LANGUAGES[code].name, "texts": (own := draft.texts.get(code, {})),
            "links": [*own.get("links", ()), *[("", "")] * keep.MOST_LINKS][: keep.MOST_LINKS],
        }
        for code in offered
    ]  # fmt: skip


def _drawable(draft: Chosen) -> Chosen:
    """Return the draft with what cannot be drawn replaced, so that a preview always shows."""
    try:
        repairs_of(draft.accent)
    except ValueError:
        draft = replace(draft, accent=_FIRST.accent)
    return replace(
        draft,
        radius=min(max(draft.radius, 0), 16),
        font=draft.font if draft.font in Brand.Font else _FIRST.font,
        header=draft.header if draft.header in Brand.Header else _FIRST.header,
    )


def _what(version: BrandVersion) -> str:
    count = len(version.changed.split(", "))
    return ngettext("%(n)s setting changed", "%(n)s settings changed", count) % {"n": count}


def _back(done: str, request: StaffRequest) -> HttpResponse:
    return hx_redirect(request, f"{reverse('backoffice:brand')}?done={done}")
