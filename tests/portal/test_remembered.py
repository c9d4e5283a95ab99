"""What a buyer does is remembered: by whom, for which customer, from where."""

from __future__ import annotations

from quittance.audit.models import AuditEvent
from quittance.tenancy.rows import reading
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.test_files import asked, many
from tests.portal.test_links import made, opened
from tests.portal.test_wallet import save, the_method


def _event(what: str) -> AuditEvent:
    with reading():
        return AuditEvent.objects.get(what=what)


def test_signing_in_and_out_is_remembered_with_address_and_browser(door: Door) -> None:
    client = door.buyer()
    answer = client.post("/sign-out", headers={"user-agent": "Firefox 140"})

    signed_in, signed_out = _event("signed in"), _event("signed out")
    assert signed_in.subject_id == signed_out.subject_id
    assert signed_in.actor == f"user:{signed_in.subject_id}"
    assert (signed_out.address, signed_out.browser) == ("127.0.0.1", "Firefox 140")
    assert signed_out.request_id == answer.headers["X-Request-ID"]


def test_files_that_are_asked_for_are_remembered_for_their_customer(door: Door) -> None:
    client = door.buyer()
    asked(client, *many(door, 12))

    event = _event("documents asked for")
    assert event.facts == {"kind": "zip", "documents": 12}
    assert event.customer_account_id == door.ground.account(HARBORLINE).pk


def test_a_method_that_is_named_is_remembered_without_its_name(door: Door) -> None:
    client = door.buyer()
    save(door, client)
    row = the_method()
    client.post(f"/wallet/{row.pk}/name", {"name": "Travel"})

    event = _event("method named")
    assert (event.subject_kind, event.subject_id, event.facts) == (
        "kept_method", row.pk, {"named": True},
    )  # fmt: skip


def test_a_link_that_is_opened_is_remembered(door: Door) -> None:
    link = made(door.ground.bill("10.00"))
    opened(door, link.token)

    event = _event("pay_link.opened")
    assert (event.actor, event.subject_kind) == ("pay-link", "pay_link")
    assert event.address == "127.0.0.1"
