"""Webhooks of a gateway: verified, kept once, and never believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook

from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.payments.jobs import sweep
from quittance.payments.models import GatewayMessage, Payment
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.wallet.models import MethodMessage
from quittance.webhooks.views import BODY_LIMIT
from tests import described
from tests.ground import Ground, make_ground
from tests.payments.kept import kept as kept_method
from tests.payments.rows import attempt_of, died_after_asking, statuses, traces
from tests.payments.together import all_at_once
from tests.portal.doors import Door, make_door

OURS = "whsec_dGVzdHMtb25seS10ZXN0cy1vbmx5"
STRANGERS = "whsec_dGhlIHNlY3JldCBvZiBhIHN0cmFuZ2Vy"


def event(object_: str, *, id_: str = "evt_1", kind: str = "payment.succeeded") -> str:
    """The body of an event."""
    return json.dumps({"id": id_, "type": kind, "data": {"payment": object_}})


def tell(
    door: Door, body: str, *, secret: str = OURS, path: str = "", age: float = 0, sent: str = ""
) -> int:
    """Send a signed webhook and return the answer's status; ``sent`` goes instead of ``body``."""
    at = datetime.now(UTC) - timedelta(seconds=age)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }
    answer = door.client().post(
        f"/hooks/gateway/{path or door.ground.webhook_path}", sent or body,
        content_type="application/json", headers=headers,
    )  # fmt: skip
    assert described.unlike_of(answer) == []
    return answer.status_code


def kept() -> list[str]:
    with reading():
        return sorted(GatewayMessage.objects.values_list("event_id", flat=True))


def waiting() -> int:
    """How many messages nobody has looked at."""
    with reading():
        return GatewayMessage.objects.filter(done_at__isnull=True).count()


def jobs(payment: Payment) -> int:
    """How many times the payment was woken."""
    with reading():
        found = ProcrastinateJob.objects.filter(task_name="payments.advance")
        return found.filter(args__payment_id=str(payment.pk)).count()


def a_payment(ground: Ground) -> tuple[Payment, str]:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    return payment, str(attempt_of(payment).gateway_object)


def test_a_webhook_wakes_its_payment_and_moves_nothing_itself(door: Door) -> None:
    payment, object_ = a_payment(door.ground)

    assert tell(door, event(object_)) == 200

    assert jobs(payment) == 1
    assert statuses(payment) == ("in_flight", "open", ["reserved"])


@pytest.mark.failure("F24", "F50")
def test_a_webhook_whose_job_is_lost_waits_until_the_payment_was_looked_at(door: Door) -> None:
    payment, object_ = a_payment(door.ground)
    tell(door, event(object_))
    before = jobs(payment), waiting()

    sweep(0)
    door.ground.advance(payment)

    assert before == (1, 1)
    assert jobs(payment) == 2
    assert waiting() == 0


@pytest.mark.failure("F22")
def test_the_same_webhook_again_is_thanked_for_and_changes_nothing(door: Door) -> None:
    payment, object_ = a_payment(door.ground)

    assert [tell(door, event(object_)) for _ in range(3)] == [200, 200, 200]

    assert kept() == ["evt_1"]
    assert jobs(payment) == 1


@pytest.mark.failure("F22")
def test_the_same_webhook_many_times_at_once_is_kept_once(door: Door) -> None:
    payment, object_ = a_payment(door.ground)

    got = all_at_once(*[partial(tell, door, event(object_))] * 6)

    assert got == [200] * 6
    assert kept() == ["evt_1"]
    assert jobs(payment) == 1


@pytest.mark.failure("F23")
def test_webhooks_in_the_wrong_order_end_as_the_gateway_says(door: Door) -> None:
    payment, object_ = a_payment(door.ground)
    door.ground.on_page(payment)

    for id_, kind in (("evt_2", "payment.succeeded"), ("evt_1", "payment.created")):
        tell(door, event(object_, id_=id_, kind=kind))
        door.ground.advance(payment)

    assert payment.status == "succeeded"
    assert traces(payment)[:2] == (1, 1)


@pytest.mark.failure("F26")
def test_a_webhook_that_lies_about_a_success_moves_nothing(door: Door) -> None:
    payment, object_ = a_payment(door.ground)

    tell(door, event(object_, kind="payment.succeeded"))
    door.ground.advance(payment)

    assert statuses(payment) == ("in_flight", "open", ["reserved"])


@pytest.mark.failure("F26")
def test_a_strangers_signature_is_refused(door: Door) -> None:
    payment, object_ = a_payment(door.ground)

    assert tell(door, event(object_), secret=STRANGERS) == 400

    assert kept() == []
    assert jobs(payment) == 0


@pytest.mark.failure("F26")
def test_a_body_that_was_changed_after_signing_is_refused(door: Door) -> None:
    _, object_ = a_payment(door.ground)

    assert tell(door, event("pay_other"), sent=event(object_)) == 400
    assert kept() == []


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature", ""])
def test_a_webhook_without_its_marks_is_refused(door: Door, missing: str) -> None:
    marks = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    marks.pop(missing, None)

    answer = door.client().post(
        f"/hooks/gateway/{door.ground.webhook_path}", event("pay_x"),
        content_type="application/json", headers=marks,
    )  # fmt: skip

    assert answer.status_code == 400


@pytest.mark.failure("F26")
@pytest.mark.parametrize("age", [3600, 330, -330])
def test_a_webhook_of_another_hour_is_refused(door: Door, age: float) -> None:
    assert tell(door, event("pay_x"), age=age) == 400


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"id": 1}', '{"id": "e", "type": "t"}'])
def test_a_signed_body_that_cannot_be_read_is_refused(door: Door, body: str) -> None:
    assert tell(door, body) == 400


def test_a_webhook_about_no_payment_is_thanked_for(door: Door) -> None:
    body = json.dumps({"id": "evt_9", "type": "payout.paid", "data": {}})

    assert tell(door, body) == 200
    assert kept() == []


def test_a_webhook_at_an_unknown_address_is_answered_404(door: Door) -> None:
    assert tell(door, event("pay_x"), path="nowhere") == 404
    assert tell(door, event("pay_x"), path="%00") == 404


def test_a_body_that_is_too_large_is_answered_413(door: Door) -> None:
    assert tell(door, "x" * (BODY_LIMIT + 1)) == 413


def test_a_get_is_answered_405(door: Door) -> None:
    answer = door.client().get(f"/hooks/gateway/{door.ground.webhook_path}")

    assert answer.status_code == 405


@pytest.mark.failure("F26")
def test_a_webhook_for_another_account_is_refused(door: Door) -> None:
    _, object_ = a_payment(door.ground)
    with writing():
        other = keep_gateway_account(
            kind="sandbox", name="Second",
            settings={"address": door.ground.world.gateway.url, "api_key": "sk_sandbox_second",
                      "webhook_secret": STRANGERS},
        )  # fmt: skip

    assert tell(door, event(object_), path=other.webhook_path) == 400
    assert tell(door, event(object_), path=other.webhook_path, secret=STRANGERS) == 200

    with reading():
        message = GatewayMessage.objects.get()
    assert message.gateway_account_id == other.pk
    assert message.done_at is None  # it is about no payment of that account


def test_one_organizations_address_is_none_at_anothers_host(door: Door) -> None:
    with make_ground(door.ground.world) as other, make_door(other) as elsewhere:
        assert tell(elsewhere, event("pay_x"), path=door.ground.webhook_path) == 404


def test_an_unknown_host_has_no_portal(door: Door) -> None:
    answer = door.client().post(
        f"/hooks/gateway/{door.ground.webhook_path}", "{}", content_type="application/json",
        headers={"host": "nobody.example.test"},
    )  # fmt: skip

    assert answer.status_code == 404


@pytest.mark.failure("F28")
def test_while_a_secret_is_replaced_both_are_good(door: Door) -> None:
    with writing():
        keep_gateway_account(
            kind="sandbox", name="Gateway",
            settings={"address": door.ground.world.gateway.url, "api_key": "sk_sandbox_demo",
                      "webhook_secret": f"{STRANGERS} {OURS}"},
        )  # fmt: skip

    assert tell(door, event("pay_x", id_="a"), secret=OURS) == 200
    assert tell(door, event("pay_x", id_="b"), secret=STRANGERS) == 200


def test_settings_that_do_not_open_ask_the_gateway_to_come_back(door: Door) -> None:
    with override_settings(SEAL_KEY="another key, and long enough" * 2):
        assert tell(door, event("pay_x")) == 503

    assert kept() == []


def test_a_message_that_cannot_be_checked_now_is_asked_for_again(door: Door) -> None:
    """PayPal's certificate is fetched from PayPal, and PayPal may be away."""
    nobody = "http://127.0.0.1:9"
    with writing():
        account = keep_gateway_account(
            kind="paypal", name="PayPal",
            settings={"address": nobody, "client_id": "id", "client_secret": "secret",
                      "webhook_id": "WH1"},
        )  # fmt: skip
    headers = {
        "paypal-auth-algo": "SHA256withRSA", "paypal-cert-url": f"{nobody}/cert",
        "paypal-transmission-id": "1", "paypal-transmission-sig": "AA==",
        "paypal-transmission-time": datetime.now(UTC).isoformat(),
    }  # fmt: skip

    answer = door.client().post(
        f"/hooks/gateway/{account.webhook_path}", event("x"), content_type="application/json",
        headers=headers,
    )  # fmt: skip

    assert answer.status_code == 503
    assert kept() == []


def test_an_account_that_is_switched_off_has_no_address(door: Door) -> None:
    with writing():
        GatewayAccount.objects.update(is_active=False)

    assert tell(door, event("pay_x")) == 404


@pytest.mark.failure("F29")
def test_an_account_that_is_left_alone_for_a_while_still_sends_webhooks(door: Door) -> None:
    payment, object_ = a_payment(door.ground)
    with writing():
        GatewayAccount.objects.update(refusals=9, shut_until=clock.now() + timedelta(hours=1))

    assert tell(door, event(object_)) == 200

    assert jobs(payment) == 1


@pytest.mark.failure("F27")
def test_a_webhook_that_is_faster_than_our_own_commit_is_not_lost(door: Door) -> None:
    payment, object_ = died_after_asking(door.ground)
    door_answer = tell(door, event(object_))
    before = waiting()

    asked_again_at = door.ground.advance(payment).next_at

    assert (door_answer, before) == (200, 1)
    assert jobs(payment) == 0
    assert attempt_of(payment).gateway_object == object_
    assert asked_again_at is not None
    assert asked_again_at <= clock.now()
    door.ground.advance(payment)
    assert waiting() == 0


@pytest.mark.parametrize("name", ["id", "type", "payment"])
def test_words_longer_than_ours_are_refused_not_fallen_over(door: Door, name: str) -> None:
    facts: dict[str, Any] = {"id": "evt_1", "type": "payment.succeeded", "payment": "pay_x"}
    facts[name] = "x" * 1500
    body = json.dumps(
        {"id": facts["id"], "type": facts["type"], "data": {"payment": facts["payment"]}}
    )

    assert tell(door, body) == (200 if name == "type" else 400)


def test_what_a_webhook_wakes_is_done_for_its_organization(door: Door) -> None:
    payment, object_ = a_payment(door.ground)
    door.ground.on_page(payment)
    tell(door, event(object_))
    with reading():
        job = ProcrastinateJob.objects.get(args__payment_id=str(payment.pk))

    from quittance.payments.jobs import advance

    with working_for(door.ground.organization_id, actor="nobody"):
        advance(**job.args)

    assert door.ground.again(payment).status == "succeeded"
    assert job.lock == f"payment:{payment.pk}"


def about_a_method(token: str, *, id_: str = "evt_m1") -> str:
    """The body of an event about a kept method."""
    data = {"saved_method": token}
    return json.dumps({"id": id_, "type": "saved_method.closed", "data": data})


def test_a_message_about_a_kept_method_is_kept_once_and_wakes_the_wallet(door: Door) -> None:
    method = kept_method(door.ground)

    said = [tell(door, about_a_method(method.gateway_method)) for _ in range(2)]

    with reading():
        messages = list(MethodMessage.objects.values_list("event_id", "news"))
        method.refresh_from_db()
    assert said == [200, 200]
    assert messages == [("evt_m1", "gone")]
    assert method.next_at is not None
    assert kept() == []


@pytest.mark.failure("F26")
def test_a_forged_message_about_a_kept_method_changes_nothing(door: Door) -> None:
    method = kept_method(door.ground)
    before = method.next_at

    said = tell(door, about_a_method(method.gateway_method), secret=STRANGERS)

    with reading():
        method.refresh_from_db()
        assert not MethodMessage.objects.exists()
    assert (said, method.next_at) == (400, before)
