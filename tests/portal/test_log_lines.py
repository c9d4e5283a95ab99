"""What opens something by being known stays out of the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.test import Client

from quittance.identity.wrong_tokens import WRONG_AN_HOUR
from tests.portal.doors import Door
from tests.portal.test_links import made

TOKEN = "Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC10b2tlbi0wMQ"


@contextmanager
def log() -> Iterator[io.StringIO]:
    """What the settings' own way of writing lines makes of all records meanwhile."""
    lines, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(lines)
    told = DictConfigurator(settings.LOGGING)
    handler.setFormatter(told.configure_formatter(settings.LOGGING["formatters"]["line"]))
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)


@pytest.mark.parametrize(
    "where", ["/pay/", "/invited/", "/receipts/", "/mails/off/", "/profile/mail/"]
)
def test_a_secret_of_an_address_is_in_no_line(where: str) -> None:
    logger = logging.getLogger("quittance.test")
    with log() as lines:
        logger.warning("Forbidden (%s): %s", "no cookie", f"{where}{TOKEN}")
        logger.warning(f"fault at '{where}{TOKEN}' again")
        logger.warning("Referer https://x.test%s%s does not match", where, TOKEN)
        logger.warning("then=%s%s&more=1", where.replace("/", "%2F"), TOKEN)
        try:
            raise ValueError(f"{where}{TOKEN}")
        except ValueError:
            logger.exception("broken")

    written = lines.getvalue()
    assert TOKEN not in written
    assert written.count("...") == 5
    assert "again" in written


def test_what_is_no_secret_stays_readable() -> None:
    with log() as lines:
        logging.getLogger("quittance.test").warning("Not Found: %s", "/payments/1234/cancel")

    assert "/payments/1234/cancel" in lines.getvalue()


def test_a_pay_link_that_is_refused_in_any_way_leaves_no_token_in_the_log(door: Door) -> None:
    token = made(door.ground.bill("250.00")).token
    client = door.client()
    strict = Client(headers={"host": door.host}, enforce_csrf_checks=True)
    with log() as lines:
        statuses = [
            client.put(f"/pay/{token}").status_code,
            strict.post(f"/pay/{token}").status_code,
            strict.post(f"/pay/{token}", headers={"origin": "https://else.test"}).status_code,
        ]
        for _ in range(WRONG_AN_HOUR + 1):
            last = client.post(f"/pay/{token}x").status_code

    assert (statuses, last) == ([405, 403, 403], 429)
    assert "Method Not Allowed (PUT): /pay/" in lines.getvalue()
    assert token not in lines.getvalue()


def test_a_program_that_asks_for_the_head_of_a_pay_link_is_answered(door: Door) -> None:
    token = made(door.ground.bill("250.00")).token

    answer = door.client().head(f"/pay/{token}")

    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
