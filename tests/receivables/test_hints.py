"""Hints of the ERP: checked, then a pull is woken, once; never believed further."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from quittance.connections.models import ErpConnection
from quittance.connections.open import hint_secret
from quittance.core.errors import Refused
from quittance.receivables.hints import NoSuchHintAddress, keep_hint
from quittance.receivables.jobs import look_whether_deleted, tick, wake
from quittance.receivables.models import HintSubscription
from quittance.receivables.subscriptions import ask_for_hints, renew_hints
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.erp.scripted import Answer, Asked, scripted
from tests.ground import Ground
from tests.receivables.by_api import call
from tests.receivables.records import invented, mirrored


def path_of(ground: Ground) -> str:
    with reading():
        return ErpConnection.objects.get(legal_entity_id=ground.legal_entity_id).hint_path


def notice(secret: str, *resources: str) -> bytes:
    """What Business Central sends."""
    value: list[dict[str, Any]] = [
        {"resource": f"api/v2.0/companies(1)/{name}(2)", "clientState": secret,
         "subscriptionId": "s", "changeType": "updated"}
        for name in resources or ("salesInvoices",)
    ]  # fmt: skip
    return json.dumps({"value": value}).encode()


def pulls_waiting(ground: Ground) -> int:
    with reading():
        jobs = ProcrastinateJob.objects.filter(task_name="receivables.pull", status="todo")
        return jobs.filter(args__legal_entity_id=str(ground.legal_entity_id)).count()


@contextmanager
def told() -> Iterator[str]:
    """A portal that shakes hands and takes every hint; its address."""

    def receive(asked: Asked) -> Answer:
        token = parse_qs(urlsplit(asked.path).query).get("validationToken", [""])[0]
        return Answer(status=200, body=token.encode())

    with scripted(receive) as server:
        yield server.origin


def promised() -> list[HintSubscription]:
    with reading():
        return list(HintSubscription.objects.order_by("resource"))


def forget_all(ground: Ground) -> None:
    """Have the ERP drop every promise that it gave us."""
    for each in promised():
        call(ground, "DELETE", f"/subscriptions('{each.erp_id}')")


def test_a_hint_wakes_a_pull(ground: Ground) -> None:
    said = keep_hint(path_of(ground), {}, notice(hint_secret(ground.legal_entity_id)))

    assert said == ""
    assert pulls_waiting(ground) == 1


def test_many_hints_wake_one_pull(ground: Ground) -> None:
    body = notice(hint_secret(ground.legal_entity_id), "salesInvoices", "customers")
    for _ in range(3):
        keep_hint(path_of(ground), {}, body)

    assert pulls_waiting(ground) == 1


def test_waking_twice_does_not_spoil_the_callers_transaction(ground: Ground) -> None:
    with writing():
        wake(ground.legal_entity_id)
        wake(ground.legal_entity_id)
        ErpConnection.objects.update(hint_base_url="https://pay.example")

    with reading():
        assert ErpConnection.objects.get().hint_base_url == "https://pay.example"
    assert pulls_waiting(ground) == 1


@pytest.mark.parametrize("secret", ["", "wrong", "Ünicode"])
def test_a_forged_hint_is_refused_and_wakes_nothing(ground: Ground, secret: str) -> None:
    path = path_of(ground)

    with pytest.raises(Refused):
        keep_hint(path, {}, notice(secret))

    assert pulls_waiting(ground) == 0


def test_one_forged_line_among_right_ones_refuses_them_all(ground: Ground) -> None:
    path, secret = path_of(ground), hint_secret(ground.legal_entity_id)
    right = json.loads(notice(secret))["value"]
    forged = json.loads(notice("wrong"))["value"]

    with pytest.raises(Refused):
        keep_hint(path, {}, json.dumps({"value": right + forged}).encode())

    assert pulls_waiting(ground) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"value": []}', b"\xff\xfe", b"[" * 5000])
def test_what_is_no_hint_is_refused(ground: Ground, body: bytes) -> None:
    path = path_of(ground)

    with pytest.raises(Refused):
        keep_hint(path, {}, body)


def test_a_hint_at_no_address_of_ours_is_refused(ground: Ground) -> None:
    with pytest.raises(NoSuchHintAddress):
        keep_hint("nowhere", {}, notice("x"))


def test_another_organizations_address_is_none_here(ground: Ground) -> None:
    path, body = path_of(ground), notice(hint_secret(ground.legal_entity_id))

    with new_organization("Fabrikam"), pytest.raises(NoSuchHintAddress):
        keep_hint(path, {}, body)


def test_a_handshake_gets_its_token_back_and_wakes_nothing(ground: Ground) -> None:
    said = keep_hint(path_of(ground), {"validationToken": "abc-123"}, b"")

    assert said == "abc-123"
    assert pulls_waiting(ground) == 0


def test_a_hint_about_something_else_wakes_nothing(ground: Ground) -> None:
    keep_hint(path_of(ground), {}, notice(hint_secret(ground.legal_entity_id), "items"))

    assert pulls_waiting(ground) == 0


def test_the_clock_wakes_every_connected_legal_entity(ground: Ground) -> None:
    tick(0)

    assert pulls_waiting(ground) == 1


def test_the_clock_leaves_a_connection_that_is_switched_off(ground: Ground) -> None:
    with writing():
        ErpConnection.objects.update(is_active=False)

    tick(0)

    assert pulls_waiting(ground) == 0


def test_what_the_erp_has_forgotten_is_asked_for_anew_and_noted(ground: Ground) -> None:
    with told() as address:
        ask_for_hints(ground.legal_entity_id, address)
        first = promised()
        forget_all(ground)

        renew_hints()

    second = promised()
    assert {each.resource for each in first} == {"customers", "invoices", "ledger"}
    assert {each.lost_at for each in first} == {None}
    assert {each.erp_id for each in first}.isdisjoint({each.erp_id for each in second})
    assert None not in {each.lost_at for each in second}


def test_an_erp_that_does_not_answer_keeps_the_promises_known(ground: Ground) -> None:
    with told() as address:
        ask_for_hints(ground.legal_entity_id, address)
        ground.world.erp_fault("subscriptions", "status", status=503)

        renew_hints()

    assert {each.lost_at for each in promised()} == {None}


def test_an_invoice_that_a_hint_calls_deleted_is_looked_for_and_not_owed_any_more(
    ground: Ground,
) -> None:
    kept = ground.bill("100.00")
    gone = invented(ground.legal_entity_id, ground.account().erp_id)
    secret = hint_secret(ground.legal_entity_id)
    told_of = [deletion(each, secret) for each in (gone.erp_id, kept.erp_id)]

    keep_hint(path_of(ground), {}, json.dumps({"value": told_of}).encode())
    with reading():
        job = ProcrastinateJob.objects.filter(task_name="receivables.look_again").latest("id")
    look_whether_deleted(**job.args)

    found, other = mirrored(gone.erp_id), mirrored(kept.erp_id)
    assert found is not None
    assert other is not None
    assert (found.erp_status, found.open_minor, found.gone_at is not None) == ("cancelled", 0, True)
    assert (other.erp_status, other.gone_at) == ("open", None)


def deletion(erp_id: str, secret: str) -> dict[str, str]:
    """What Business Central says of an invoice that it calls deleted."""
    return {
        "resource": f"https://x/api/v2.0/companies(1)/salesInvoices({erp_id})",
        "clientState": secret, "subscriptionId": "s", "changeType": "deleted",
    }  # fmt: skip
