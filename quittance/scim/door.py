"""Lets a directory in by its token, and answers in SCIM whatever comes of its question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import Error, NotFoundException, SCIMException

from quittance.core.errors import RuleBroken
from quittance.identity.wrong_tokens import TooManyWrong, note_wrong_token
from quittance.sso import directory, groups
from quittance.sso.models import IdentityProvider
from quittance.sso.tokens import TooFast, provider_by
from quittance.tenancy.caller import caller
from quittance.tenancy.hosts import OrganizationRequest
from quittance.tenancy.scope import working_for
from quittance.ui.bodies import answers_too_much
from quittance.ui.errors import after
from quittance.ui.sentences import sentence_for

_KIND: Final = "scim"  # of link whose wrong tokens are counted
_TYPE: Final = "application/scim+json"
# How each rule that says no is said. Source: RFC 7644, section 3.12.
_SAID: Final[Mapping[type[RuleBroken], tuple[int, str | None]]] = {
    directory.NoAddress: (400, "invalidValue"),
    directory.NotYourDomain: (400, "invalidValue"),
    directory.KnownAlready: (409, "uniqueness"),
    directory.NotYours: (409, None),
    directory.SwitchedOffHere: (409, None),
    directory.LastAdministrator: (409, None),
    directory.ChangedMeanwhile: (412, None),
    directory.NotThere: (404, None),
    groups.NoSuchMember: (400, "invalidValue"),
}


class DirectoryRequest(OrganizationRequest):
    """A request of the directory of a connection."""

    provider: IdentityProvider


View = Callable[..., HttpResponse]


def for_directory(*methods: str) -> Callable[[View], View]:
    """Let the directory of the connection in that the address names, with one of these methods.

    Whoever has no token of it learns nothing, not even whether there is such a connection.
    """

    def decorate(view: View) -> View:
        @csrf_exempt  # the token is the proof
        @answers_too_much(_too_much)
        @wraps(view)
        def wrapped(request: HttpRequest, provider_id: UUID, **arguments: Any) -> HttpResponse:
            asked = cast("DirectoryRequest", request)
            with working_for(asked.organization_id, actor=f"directory:{provider_id}"):
                try:
                    return _answer(asked, provider_id, methods, view, arguments)
                except (TooFast, TooManyWrong) as error:
                    return after(_error(429, sentence_for(error)), error.retry_after_seconds)
                except SCIMException as error:
                    return _as_said(error.to_error())
                except ValidationError as error:
                    return _as_said(Error.from_validation_errors(error)[0])
                except tuple(_SAID) as error:
                    status, kind = _SAID[type(error)]
                    return _error(status, sentence_for(error), kind)

        wrapped.access = wrapped.permission = "directory"  # type: ignore[attr-defined]
        return wrapped

    return decorate


def reply(said: Mapping[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    """Answer with a SCIM document."""
    return JsonResponse(said, status=status, content_type=_TYPE, headers=headers)


def row_id(typed: str) -> UUID:
    """Return the id that an address names. Raises ``NotFoundException``."""
    try:
        return UUID(typed)
    except ValueError:
        raise NotFoundException from None


def location_of(request: DirectoryRequest, kind: str, row: object) -> Any:
    """Return the address of a user or a group, as text, which a SCIM reference is too."""
    where = reverse(f"scim:{kind}", kwargs={"provider_id": request.provider.pk, "row": str(row)})
    return request.build_absolute_uri(where)


def version_wanted(request: HttpRequest) -> int | None:
    """Return which version a change is meant for; ``None``: whichever is there.

    One that no row ever has is 0. Source: RFC 7644, section 3.14.
    """
    said = request.headers.get("If-Match", "").strip()
    if said in {"", "*"}:
        return None
    number = said.removeprefix("W/").strip('"')
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


def version_said(version: int) -> str:
    """Return a row's version as SCIM writes it."""
    return f'W/"{version}"'


def _answer(
    request: DirectoryRequest, provider_id: UUID, methods: tuple[str, ...], view: View,
    arguments: Mapping[str, Any],
) -> HttpResponse:  # fmt: skip
    found = provider_by(provider_id, _token(request))
    if found is None:
        note_wrong_token(_KIND, caller(request))
        answer = _error(401, "Say a token of this connection.")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if request.method not in methods:
        answer = _error(405, "This is not done at this address.")
        answer.headers["Allow"] = ", ".join(methods)
        return answer
    request.provider = found
    return view(request, **arguments)


def _token(request: HttpRequest) -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip()[:500] if kind.lower() == "bearer" else ""


def _too_much(_request: HttpRequest) -> HttpResponse:
    return _error(413, "This is more than a directory says at once. Nothing was changed.")


def _error(status: int, detail: str, kind: str | None = None) -> HttpResponse:
    return _as_said(Error(status=status, detail=detail, scim_type=kind))


def _as_said(error: Error) -> HttpResponse:
    return reply(error.model_dump(), status=error.status or 400)
