"""A page for everything that goes wrong: what happened, what is safe, what to do."""

from __future__ import annotations

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.test import RequestFactory

from quittance.ui import errors


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_every_status_has_three_sentences(status: int) -> None:
    answer = errors.error_page(RequestFactory().get("/"), status, number="c0ffee00")

    words = errors._WORDS[status]
    page = answer.content.decode()
    assert answer.status_code == status
    assert all(sentence in page for sentence in words)
    assert "c0ffee00" in page


def test_what_is_too_large_is_told_apart_from_what_cannot_be_read() -> None:
    request = RequestFactory().get("/")

    assert errors.bad_request(request, RequestDataTooBig()).status_code == 413
    assert errors.bad_request(request, SuspiciousOperation()).status_code == 400


def test_a_fault_shows_a_number_and_none_of_its_own_words() -> None:
    try:
        raise ValueError("password of the database")
    except ValueError:
        answer = errors.server_error(RequestFactory().get("/"))

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "<code>" in page
    assert "password" not in page
    assert "Traceback" not in page


def test_an_address_cannot_write_a_line_of_its_own_into_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    errors.server_error(RequestFactory().get("/office/a%0aERROR forged"))

    assert "\n" not in caplog.text.strip()
    assert "forged" in caplog.text


def test_a_database_that_is_gone_is_not_our_code_that_broke() -> None:
    try:
        raise OperationalError("no route to host")
    except OperationalError:
        answer = errors.server_error(RequestFactory().get("/"))

    assert answer.status_code == 503


def test_the_back_office_keeps_its_own_colours() -> None:
    answer = errors.not_found(RequestFactory().get("/office/nothing"), Exception())

    assert b"/brand/" not in answer.content
    assert b'href="/office/"' in answer.content
