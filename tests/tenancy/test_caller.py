"""Where a request comes from is known to whatever it does, and its number is in the answer."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from quittance.tenancy.caller import origin_for_the_audit
from quittance.tenancy.scope import Origin, current_origin


def _asked(**headers: str) -> tuple[Origin, HttpResponse]:
    seen: list[Origin] = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(current_origin())
        return HttpResponse()

    answer = origin_for_the_audit(view)(RequestFactory().get("/", headers=headers))
    return seen[0], answer


def test_a_request_has_an_address_a_browser_and_a_number() -> None:
    origin, answer = _asked(user_agent="Firefox\x00\u202e 140" + "x" * 500)

    assert origin.address == "127.0.0.1"
    assert origin.browser == ("Firefox 140" + "x" * 500)[:200]
    assert answer.headers["X-Request-ID"] == origin.request_id
    assert len(origin.request_id) == 32


def test_two_requests_have_two_numbers_and_none_is_left_behind() -> None:
    assert _asked()[0].request_id != _asked()[0].request_id
    assert current_origin() == Origin()


def test_nobody_but_a_trusted_proxy_says_where_a_request_comes_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {"x_forwarded_for": "203.0.113.9, 198.51.100.4", "x_request_id": "abc-123456"}
    origin, _ = _asked(**told)
    assert (origin.address, len(origin.request_id)) == ("127.0.0.1", 32)

    monkeypatch.setattr(settings, "TRUSTED_PROXIES", 1)
    origin, _ = _asked(**told)
    assert (origin.address, origin.request_id) == ("198.51.100.4", "abc-123456")


@pytest.mark.parametrize("number", ["short", "x" * 37, "a b c d e f g", "<script>alert(1)", ""])
def test_a_number_that_could_be_anything_else_is_not_taken(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", 1)

    origin, _ = _asked(x_request_id=number, x_forwarded_for="not an address")

    assert origin.request_id != number
    assert origin.address == ""


def test_an_address_with_a_scope_is_kept_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", 1)

    origin, _ = _asked(x_forwarded_for="fe80::1%" + "x" * 60)

    assert origin.address == "fe80::1"
