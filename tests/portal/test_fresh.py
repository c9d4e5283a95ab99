"""What would hurt most in other hands wants a proof of the last five minutes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import MailChange
from quittance.identity.policy import Policy, keep_policy
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from quittance.wallet.models import ConsentRecord
from tests.payments.checkouts import fee
from tests.portal.doors import PASSWORD, Door, begin_checkout, fields_of
from tests.portal.test_checkout_saving import review_of, to_save
from tests.portal.test_security import MISSING, late, new_app

OFFICE = [
    ("get", "/office/connections/erp/{entity}/settings"),
    ("post", "/office/connections/erp/{entity}/settings/keep"),
    ("get", "/office/connections/gateway/{gateway}/settings"),
    ("post", "/office/connections/gateway/{gateway}/settings/keep"),
    ("post", "/office/payments/P-1/refund/make"),
    ("post", "/office/bank/accounts/keep"),
    ("post", f"/office/bank/accounts/{MISSING}/change"),
]


@pytest.mark.parametrize(("method", "path"), OFFICE)
def test_staff_prove_it_anew_after_five_minutes(
    door: Door, method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground, client = door.ground, door.signed_in(email="sam@example.test", role="manager")
    where = path.format(entity=ground.legal_entity_id, gateway=ground.gateway_account_id)
    fresh = getattr(client, method)(where)
    late(monkeypatch, minutes=6)

    stale = getattr(client, method)(where)

    assert not fresh.get("Location", "").startswith("/security/prove")
    assert stale["Location"].startswith("/security/prove?then=")
    back = client.post("/security/prove", {"password": PASSWORD, "then": where})
    assert back["Location"] == where


@pytest.mark.parametrize("method", ["get", "post"])
def test_to_keep_a_way_to_pay_is_proven_anew(
    door: Door, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.buyer()
    late(monkeypatch, minutes=6)

    answer = getattr(client, method)("/wallet/agree?kind=card&currency=USD")

    assert answer["Location"].startswith("/security/prove?then=")


def test_no_secret_of_a_connection_is_kept_while_the_proof_is_asked(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.signed_in(email="sam@example.test", role="manager")
    where = f"/office/connections/gateway/{door.ground.gateway_account_id}/settings"
    late(monkeypatch, minutes=6)

    answer = client.post(f"{where}/keep", {"api_key": "sk_very_secret"})

    assert answer["Location"].endswith("%2Fsettings")
    assert "sk_very_secret" not in str(dict(client.session))


def test_a_payment_above_the_organizations_amount_waits_for_the_proof_and_goes_on(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_policy(Policy(staff_from=date(2099, 1, 1), proof_above=Money(20_000, "USD")))
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    fields = fields_of(client.get(f"{basket}/amounts").content)
    client.post(f"{basket}/amounts", fields)
    fields = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    fields = fields_of(client.get(f"{basket}/review").content)
    with monkeypatch.context() as later:
        now = clock.now() + timedelta(minutes=6)
        later.setattr(clock, "now", lambda: now)
        asked = client.post(f"{basket}/pay", fields)
        with reading():
            before = Payment.objects.count()
        proven = client.post("/security/prove", {"password": PASSWORD, "then": "/session/typed"})
        kept = client.get(proven["Location"]).content
        paid = client.post(f"{basket}/pay", fields_of(kept))

    assert asked["Location"] == "/security/prove?then=%2Fsession%2Ftyped"
    assert before == 0
    assert f'action="{basket}/pay"' in kept.decode()
    assert paid["Location"].startswith("/payments/")
    with reading():
        assert Payment.objects.count() == 1


def test_a_payment_up_to_it_waits_for_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_policy(Policy(staff_from=date(2099, 1, 1), proof_above=Money(25_000, "USD")))
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    fields = fields_of(client.get(f"{basket}/amounts").content)
    client.post(f"{basket}/amounts", fields)
    fields = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    fields = fields_of(client.get(f"{basket}/review").content)
    late(monkeypatch, minutes=6)

    assert client.post(f"{basket}/pay", fields)["Location"].startswith("/payments/")


def test_a_fee_counts_towards_the_amount_that_wants_a_proof(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_policy(Policy(staff_from=date(2099, 1, 1), proof_above=Money(25_000, "USD")))
    fee(door.ground)
    client = door.buyer()
    basket, fields = review_of(client, door.ground.bill("250.00"))
    late(monkeypatch, minutes=6)

    asked = client.post(f"{basket}/pay", fields)

    assert asked["Location"].startswith("/security/prove")


def test_a_way_to_pay_that_is_kept_with_a_payment_is_proven_anew_and_then_kept(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.buyer()
    basket, fields = review_of(client, door.ground.bill("250.00"))
    ticks = to_save(client, basket, "card")
    with monkeypatch.context() as later:
        now = clock.now() + timedelta(minutes=6)
        later.setattr(clock, "now", lambda: now)
        asked = client.post(f"{basket}/pay", fields | ticks)
        with reading():
            before = (Payment.objects.count(), ConsentRecord.objects.count())
        proven = client.post("/security/prove", {"password": PASSWORD, "then": "/session/typed"})
        kept = fields_of(client.get(proven["Location"]).content)
        paid = client.post(f"{basket}/pay", kept)

    assert asked["Location"] == "/security/prove?then=%2Fsession%2Ftyped"
    assert before == (0, 0)
    assert kept["save"] == ticks["save"]
    assert paid["Location"].startswith("/payments/")
    with reading():
        assert ConsentRecord.objects.get().text_version == ticks["save"].removeprefix("card:")


def test_another_address_is_proven_by_the_second_factor_instead_of_the_password(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.buyer()
    totp, _ = new_app(client)
    late(monkeypatch, minutes=6)
    sent = {"email": "dana@new.example", "password": PASSWORD}

    asked = client.post("/profile/mail", sent)
    with reading():
        before = MailChange.objects.count()
    code = totp.at(clock.now())
    client.post("/security/prove", {"code": code, "then": "/session/typed"})
    done = client.post("/profile/mail", {"email": sent["email"]})

    assert asked["Location"].startswith("/security/prove")
    assert before == 0
    assert done["Location"] == "/profile?done=mail"
    assert 'id="password-mail"' not in client.get("/profile").content.decode()
