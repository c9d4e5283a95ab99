"""Webhooks of PayPal: whose signature counts, and what they are about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from quittance.core.errors import Misconfigured, Refused, Unavailable
from quittance.core.origins import origin_of
from quittance.gateways.contract import caught
from quittance.gateways.contract_deeds import paid, refund_of
from quittance.gateways.paypal.credentials import LIVE, Credentials
from sandbox.paypal.certificates import message, new_signer
from tests.gateways.paypal.paypal_stage import OLD_WEBHOOK, WEBHOOK, PayPalStage

SANDBOX = "https://api-m.sandbox.paypal.com"


def credentials(**changes: str) -> Credentials:
    facts = {"client_id": "id", "client_secret": "secret", "webhook_id": WEBHOOK}
    return Credentials(**{**facts, **changes})


@pytest.mark.failure("F26")
@pytest.mark.parametrize("webhook_id", [OLD_WEBHOOK, WEBHOOK])
def test_of_two_webhooks_either_is_believed(stage: PayPalStage, webhook_id: str) -> None:
    event = {"id": "WH-5", "event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "ORDER1"}}

    headers, body = stage.signed(event, webhook_id=webhook_id)

    assert [one.gateway_object for one in stage.gateway.read_webhook(headers, body)] == ["ORDER1"]


@pytest.mark.failure("F26")
def test_a_strangers_key_is_not_believed(stage: PayPalStage) -> None:
    headers, body = stage.signed({"id": "WH-6", "event_type": "X"})
    forged = dict(headers)
    forged["PAYPAL-TRANSMISSION-SIG"] = new_signer().sign(
        headers["PAYPAL-TRANSMISSION-ID"], headers["PAYPAL-TRANSMISSION-TIME"], WEBHOOK, body
    )

    caught(Refused, stage.gateway.read_webhook, forged, body)


@pytest.mark.failure("F26")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYPAL-CERT-URL", "https://api.paypal.com.example/cert"),
        ("PAYPAL-CERT-URL", "http://127.0.0.1:1/cert"),
        ("PAYPAL-CERT-URL", "file:///etc/passwd"),
        ("PAYPAL-CERT-URL", ""),
        ("PAYPAL-AUTH-ALGO", "none"),
        ("PAYPAL-AUTH-ALGO", "SHA1withRSA"),
        ("PAYPAL-TRANSMISSION-ID", "another"),
        ("PAYPAL-TRANSMISSION-SIG", "AAAA"),
        ("PAYPAL-TRANSMISSION-TIME", "2026-01-01T00:00:00"),
    ],
)
def test_a_message_with_one_changed_header_is_refused(
    stage: PayPalStage, name: str, value: str
) -> None:
    headers, body = stage.signed({"id": "WH-7", "event_type": "X"})

    caught(Refused, stage.gateway.read_webhook, {**headers, name: value}, body)


def test_a_certificate_that_is_none_is_refused(stage: PayPalStage) -> None:
    headers, body = stage.signed({"id": "WH-8", "event_type": "X"})
    page = {**headers, "PAYPAL-CERT-URL": f"{stage.running.url}/checkoutnow/page.css"}

    caught(Refused, stage.gateway.read_webhook, page, body)


def test_without_the_certificate_we_do_not_know_and_paypal_sends_again(stage: PayPalStage) -> None:
    headers, body = stage.signed({"id": "WH-9", "event_type": "X"})
    away = {**headers, "PAYPAL-CERT-URL": "http://127.0.0.1:1/cert"}

    caught(Unavailable, stage.unreachable().read_webhook, away, body)


@pytest.mark.parametrize(
    ("address", "url", "believed"),
    [
        (LIVE, "https://api.paypal.com/v1/notifications/certs/CERT-1", True),
        (LIVE, "https://api-m.paypal.com/v1/notifications/certs/CERT-1", True),
        (LIVE, "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", False),
        (LIVE, "http://api.paypal.com/v1/notifications/certs/CERT-1", False),
        (LIVE, "https://api.paypal.com:8443/cert", False),
        (LIVE, "https://paypal.com/cert", False),
        (LIVE, "https://evil.api.paypal.com/cert", False),
        (SANDBOX, "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", True),
        (SANDBOX, "https://api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("http://127.0.0.1:9", "http://127.0.0.1:9/cert", True),
        ("http://127.0.0.1:9", "https://api.paypal.com/cert", False),
    ],
)
def test_a_certificate_comes_from_the_api_host_of_the_account_only(
    address: str, url: str, believed: bool
) -> None:
    origin = origin_of(url)

    assert origin is not None
    assert credentials(address=address).may_hold_certificates(origin) is believed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "api-m.paypal.com"}, "address"),
        ({"address": f"{LIVE}/v2"}, "address"),
        ({"client_id": "a:b"}, "client_id"),
        ({"client_secret": "a b"}, "client_secret"),
        ({"webhook_id": ""}, "webhook_id"),
        ({"webhook_id": "one two-three"}, "webhook_id"),
        ({"report_lag": "-1"}, "report_lag"),
        ({"report_lag": "9999"}, "report_lag"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Misconfigured) as error:
        credentials(**changes)

    assert error.value.facts["field"] == field


def test_every_event_of_a_payment_names_its_order(stage: PayPalStage) -> None:
    payment = paid(stage, minor=1000)
    with stage.waiting_refunds():
        back = stage.gateway.create_refund(refund_of(payment, 400))
    stage.decide_refund(back, failed=True)
    stage.dispute(payment, payment.amount)

    told = {}
    for event in _events(stage, payment.gateway_object, stage.capture_of(payment)):
        headers, body = stage.signed(event)
        (one,) = stage.gateway.read_webhook(headers, body)
        assert one.event_id == event["id"]
        told[one.kind] = one.gateway_object

    assert set(told) == {
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.REFUNDED",
        "PAYMENT.REFUND.FAILED",
        "CUSTOMER.DISPUTE.CREATED",
    }
    assert set(told.values()) == {payment.gateway_object}


def _events(stage: PayPalStage, *ids: str) -> list[dict[str, Any]]:
    every = stage.client.get(f"{stage.running.control_url}/events").json()["data"]
    return [one for one in every if any(id_ in json.dumps(one) for id_ in ids)]


def test_paypals_own_check_says_the_same(stage: PayPalStage) -> None:
    event = {
        "id": "WH-10", "event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "ORDER1"},
    }  # fmt: skip
    headers, body = stage.signed(event)

    for said, verdict in ((event, "SUCCESS"), ({**event, "id": "WH-11"}, "FAILURE")):
        answer = stage.ask(
            "POST",
            "/v1/notifications/verify-webhook-signature",
            **_postback(headers),
            webhook_event=said,
        )
        assert answer == {"verification_status": verdict}
    assert stage.gateway.read_webhook(headers, body)


def _postback(headers: Mapping[str, str]) -> dict[str, str]:
    names = {
        "auth_algo": "PAYPAL-AUTH-ALGO", "cert_url": "PAYPAL-CERT-URL",
        "transmission_id": "PAYPAL-TRANSMISSION-ID", "transmission_sig": "PAYPAL-TRANSMISSION-SIG",
        "transmission_time": "PAYPAL-TRANSMISSION-TIME",
    }  # fmt: skip
    return {"webhook_id": WEBHOOK, **{name: headers[head] for name, head in names.items()}}


def test_what_is_signed_is_id_time_webhook_and_crc32() -> None:
    """Source: PayPal, "Webhooks", "Verify message"; the CRC of "{}" is 2745614147."""
    assert message("t", "2026-01-01T00:00:00Z", "W", b"{}") == (
        b"t|2026-01-01T00:00:00Z|W|2745614147"
    )
