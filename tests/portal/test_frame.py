"""What surrounds every page: the look, the headers, how old the balances are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.ground import HARBORLINE
from tests.portal.doors import Door


def test_every_answer_keeps_the_browser_from_doing_more_than_it_should(door: Door) -> None:
    client = door.buyer()

    for address in ("/sign-in", "/invoices", "/payments", "/nothing-here"):
        policy = client.get(address)["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


def test_a_signed_in_page_is_kept_by_nobody(door: Door) -> None:
    assert door.buyer().get("/invoices")["Cache-Control"] == "no-store"


def test_the_look_is_kept_for_ever_under_its_own_fingerprint(door: Door) -> None:
    client = door.client()
    address = re.search(r'href="(/brand/[^"]+\.css)"', client.get("/sign-in").content.decode())
    assert address

    current, other = client.get(address[1]), client.get("/brand/0000000000000000.css")

    assert "--accent: light-dark(#0b5563" in current.content.decode()
    assert "immutable" in current["Cache-Control"]
    assert other["Cache-Control"] == "no-store"


def test_a_logo_opened_by_itself_may_run_nothing(door: Door) -> None:
    from quittance.branding.models import Brand
    from quittance.tenancy.rows import writing

    with writing():
        Brand.objects.update(
            logo_light=b"<svg xmlns='http://www.w3.org/2000/svg'/>", logo_type="image/svg+xml",
            logo_width=100,
        )  # fmt: skip

    answer = door.client().get("/brand/x/logo-dark")

    assert answer.status_code == 200
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_is_drawn_by_the_server(theme: str, door: Door) -> None:
    client = door.client()
    client.post("/theme", {"theme": theme, "then": "/sign-in"})

    assert f'data-theme="{theme}"' in client.get("/sign-in").content.decode()


def test_a_theme_that_does_not_exist_changes_nothing(door: Door) -> None:
    answer = door.client().post("/theme", {"theme": "pink", "then": "https://evil.example/"})

    assert answer["Location"] == "/"
    assert "theme" not in answer.cookies


def test_amounts_and_days_follow_the_readers_own_english(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    client = door.buyer()

    british = client.get(
        f"/invoices/{invoice.pk}", headers={"Accept-Language": "nl, en-GB;q=0.8"}
    ).content.decode()
    odd = client.get("/invoices", headers={"Accept-Language": "en-XX\x00,%s" % ("x" * 500)})

    assert "US$250.00" in british
    assert odd.status_code == 200


def test_the_page_says_how_old_the_balances_are(door: Door) -> None:
    from quittance.core import clock
    from quittance.receivables.models import SyncCursor
    from quittance.tenancy.rows import writing

    client = door.buyer()
    first = client.get("/invoices").content.decode()
    with writing():
        SyncCursor.objects.create(
            legal_entity_id=door.ground.legal_entity_id, stream="invoices",
            succeeded_at=clock.now(),
        )  # fmt: skip
    fresh = client.get("/invoices").content.decode()
    with writing():
        SyncCursor.objects.update(
            succeeded_at=clock.now() - timedelta(hours=2), failed_at=clock.now(), failure="down"
        )
    stale = client.get("/invoices").content.decode()

    assert "first balances are being read" in first
    assert "As of" in fresh
    assert "does not answer" not in fresh
    assert "Balances are from" in stale
    assert "You can still pay" in stale


@pytest.mark.parametrize(
    ("then", "expected"), [("/orders", "/orders"), ("//evil.example", "/"), ("", "/")]
)
def test_who_switches_the_account_stays_on_the_page(then: str, expected: str, door: Door) -> None:
    own = {"account": str(door.ground.account(HARBORLINE).pk), "then": then}

    answer = door.buyer().post("/account", own)

    assert answer["Location"] == expected
