"""Approvals as people meet them: the checkout asks, a mail leads there, a proof, and the rule."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from quittance.approvals.models import ApprovalRequest, ApprovalRule, Deputy
from quittance.core import clock
from quittance.notifications.models import Message
from quittance.payments.models import Payment
from quittance.receivables.models import Contact
from quittance.tenancy.rows import reading
from quittance.transfers.models import Announcement
from tests.approvals.signers import asked, person, ruled
from tests.ground import EVENTS, HARBORLINE
from tests.payments.checkouts import ready
from tests.portal.doors import Door, begin_checkout, fields_of
from tests.portal.roles import as_role
from tests.transfers.bank import bank_account

if TYPE_CHECKING:
    from django.test import Client

    from quittance.identity.models import User

MISSING = "00000000-0000-7000-8000-000000000000"


def to_review(client: Client, invoice: Any) -> str:
    """Go to the last step; return the basket's address."""
    basket = begin_checkout(client, invoice)
    fields = fields_of(client.get(f"{basket}/amounts").content)
    client.post(f"{basket}/amounts", fields)
    fields = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    return basket


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def user_of(email: str) -> User:
    from quittance.identity.models import User

    with reading():
        return User.objects.get(email=email)


def request_now() -> ApprovalRequest:
    with reading():
        return ApprovalRequest.objects.latest("created_at")


def of(account_number: str, door: Door) -> dict[str, str]:
    return {"account": str(door.ground.account(account_number).pk)}


@pytest.fixture
def prove(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is signed in has proved it just now; the tests of the proof itself do not use it."""


def signed_in(door: Door) -> tuple[Client, Client]:
    """Dana, who pays, and Kim, who approves, each in a browser of their own."""
    kim = as_role(door, "approve", email="kim@example.test")
    return door.buyer(), kim


def rule(door: Door, **facts: Any) -> None:
    ruled(door.ground, by=person(door.ground, "administer", name="Head").pk, **facts)


def test_without_a_rule_no_page_speaks_of_approvals(door: Door) -> None:
    dana, _kim = signed_in(door)
    basket = to_review(dana, door.ground.bill("250.00"))

    assert "pprov" not in text_of(dana.get(f"{basket}/review"))
    assert "/approvals" not in dana.get("/").content.decode()


def test_above_the_rule_the_last_step_asks_and_the_approver_decides(door: Door) -> None:
    dana, kim = signed_in(door)
    rule(door)
    basket = to_review(dana, door.ground.bill("250.00"))
    shown = dana.get(f"{basket}/review")
    assert "Ask for approval" in text_of(shown)
    assert f'action="{basket}/pay"' not in shown.content.decode()
    asks = dana.post(f"{basket}/ask", fields_of(shown.content) | {"note": "Q3 freight"})
    with reading():
        address = Message.objects.get(kind="approval_asked", to="kim@example.test").facts["address"]
    page = kim.get(kim.get("/" + address.split("/", 3)[3])["Location"])
    assert "Q3 freight" in text_of(page)
    assert "A approve" not in text_of(dana.get(asks["Location"]))
    assert "For you to decide" in text_of(kim.get("/approvals"))

    assert kim.post(f"{asks['Location']}/approve")["Location"] == asks["Location"]

    review = dana.get(f"{basket}/review")
    assert "A approve approved this payment" in text_of(review)
    paid = dana.post(f"{basket}/pay", fields_of(review.content))
    assert "/onward" in paid["Location"]
    found = request_now()
    with reading():
        assert Payment.objects.get().pk == found.used_for


def test_pay_pressed_without_approval_charges_nothing(door: Door) -> None:
    dana, _kim = signed_in(door)
    basket = to_review(dana, door.ground.bill("250.00"))
    fields = fields_of(dana.get(f"{basket}/review").content)
    rule(door)

    answer = dana.post(f"{basket}/pay", fields)

    assert answer.status_code == 409
    assert "Send it for approval" in text_of(answer)
    with reading():
        assert not Payment.objects.exists()


def test_a_transfer_is_asked_for_in_its_own_last_step(door: Door) -> None:
    dana, kim = signed_in(door)
    bank_account(door.ground)
    rule(door)
    basket = begin_checkout(dana, door.ground.bill("250.00"))
    dana.post(f"{basket}/amounts", fields_of(dana.get(f"{basket}/amounts").content))
    shown = dana.get(f"{basket}/transfer")
    refused = dana.post(f"{basket}/transfer", fields_of(shown.content))
    assert refused.status_code == 409
    asks = dana.post(f"{basket}/ask", fields_of(shown.content))
    kim.post(f"{asks['Location']}/approve")

    made = dana.post(f"{basket}/transfer", fields_of(dana.get(f"{basket}/transfer").content))

    assert made.status_code == 303, text_of(made)
    found = request_now()
    with reading():
        assert Announcement.objects.get().pk == found.used_for
    assert made["Location"].startswith("/transfers/")


def test_who_is_above_their_own_limit_asks_instead_of_being_refused(door: Door) -> None:
    as_role(door, "approve", email="kim@example.test")
    within = as_role(door, "pay_within", email="within@example.test")
    rule(door, above=None)
    basket = to_review(within, door.ground.bill("600.00"))

    assert "It is above your limit" in text_of(within.get(f"{basket}/review"))
    fields = fields_of(within.get(f"{basket}/review").content)
    assert within.post(f"{basket}/ask", fields).status_code == 303


def test_to_open_the_mails_link_decides_nothing_and_wants_a_sign_in(door: Door) -> None:
    dana, kim = signed_in(door)
    rule(door)
    asked(ready(door.ground, user_of("dana@example.test"), door.ground.bill()),
          user_of("dana@example.test"))  # fmt: skip
    with reading():
        address = Message.objects.get(kind="approval_asked", to="kim@example.test").facts["address"]
    path = "/" + address.split("/", 3)[3]

    scanner = door.client()
    for _ in range(3):
        assert scanner.get(path)["Location"].startswith("/sign-in")
        assert scanner.head(path).status_code in {303, 405}
        kim.get(path)
    assert kim.post(path).status_code == 405
    assert door.stranger().get(path).status_code == 404
    assert dana.get("/approvals/mail/any-other").status_code == 404
    assert request_now().status == "asked"


def test_to_approve_wants_a_fresh_proof(door: Door) -> None:
    _dana, kim = signed_in(door)
    rule(door)
    dana = user_of("dana@example.test")
    found = asked(ready(door.ground, dana, door.ground.bill()), dana)
    session = kim.session
    session["proved"] = (clock.now() - timedelta(minutes=6)).timestamp()
    session.save()

    answer = kim.post(f"/approvals/{found.pk}/approve")

    assert answer["Location"].startswith("/security/prove")
    assert request_now().status == "asked"


def test_a_refusal_says_why_on_the_makers_page(door: Door) -> None:
    dana, kim = signed_in(door)
    rule(door)
    maker = user_of("dana@example.test")
    found = asked(ready(door.ground, maker, door.ground.bill()), maker)
    assert "Write why" in text_of(kim.post(f"/approvals/{found.pk}/refuse", {"reason": ""}))
    kim.post(f"/approvals/{found.pk}/refuse", {"reason": "Wrong cost center"})

    assert "Wrong cost center" in text_of(dana.get(f"/approvals/{found.pk}"))
    assert "Wrong cost center" in text_of(dana.get(f"/checkout/{found.basket_id}/review"))


def test_nobody_but_the_approver_is_offered_the_decision(door: Door) -> None:
    dana, kim = signed_in(door)
    viewer = as_role(door, "view", email="view@example.test")
    rule(door)
    maker = user_of("dana@example.test")
    found = asked(ready(door.ground, maker, door.ground.bill()), maker)
    path = f"/approvals/{found.pk}"

    offered = {"Do not approve" in text_of(each.get(path)) for each in (dana, viewer)}
    assert offered == {False}
    assert "Do not approve" in text_of(kim.get(path))
    for each in (dana, viewer):
        assert each.post(f"{path}/approve").status_code == 409
    assert request_now().status == "asked"


@pytest.mark.parametrize("deed", ["", "/approve", "/refuse", "/withdraw"])
def test_a_strangers_request_is_as_if_it_never_was(door: Door, deed: str) -> None:
    signed_in(door)
    rule(door)
    maker = user_of("dana@example.test")
    found = asked(ready(door.ground, maker, door.ground.bill()), maker)
    client = door.stranger()
    knock = client.post if deed else client.get

    foreign, missing = knock(f"/approvals/{found.pk}{deed}"), knock(f"/approvals/{MISSING}{deed}")

    assert (foreign.status_code, foreign.content) == (404, missing.content)


def test_who_acts_for_one_of_two_accounts_sees_no_request_for_both(door: Door) -> None:
    from quittance.tenancy.rows import writing

    _dana, kim = signed_in(door)
    rule(door)
    maker = user_of("dana@example.test")
    found = asked(ready(door.ground, maker, door.ground.bill()), maker)
    both = sorted([str(found.customer_account_id), str(door.ground.account(EVENTS).pk)])
    with writing():
        new = ApprovalRequest.objects.get(pk=found.pk)
        new.pk, new.basket_id, new.token_hash = None, MISSING, "x"
        new.account_ids, new.pk = both, MISSING
        new.save(force_insert=True)

    assert kim.get(f"/approvals/{MISSING}").status_code == 404
    assert kim.get("/approvals").content.decode().count('class="id"') == 1


def test_who_administers_sets_the_rule_and_deputies(door: Door) -> None:
    head = as_role(door, "administer", email="head@example.test")
    kim = person(door.ground, "approve", name="Kim Sato")
    deputy = person(door.ground, "view", name="Ada Reyes")
    own, today = of(HARBORLINE, door), clock.today("UTC") + timedelta(days=1)

    said = {"above": "1,000.00", "month": "", "currency": "USD", "approver": str(kim.pk)}
    assert "done=set" in head.post("/team/approvals/set", own | said)["Location"]
    days = {"first": today.isoformat(), "last": today.isoformat()}
    people = {"approver": str(kim.pk), "deputy": str(deputy.pk)}
    assert "done=app" in head.post("/team/approvals/appoint", own | days | people)["Location"]
    shown = text_of(head.get("/team/approvals"))
    assert "Ada Reyes" in shown
    with reading():
        kept, row = ApprovalRule.objects.get(), Deputy.objects.get()
    assert (kept.above_minor, kept.month_minor, kept.approvers) == (100_000, None, [str(kim.pk)])
    head.post("/team/approvals/dismiss", own | {"deputy": str(row.pk)})
    head.post("/team/approvals/drop", own)
    with reading():
        assert not ApprovalRule.objects.exists()
        assert not Deputy.objects.exists()


@pytest.mark.parametrize("wrong", [{"above": "-1"}, {"above": "x"}, {"currency": "XXX"}])
def test_what_was_typed_wrong_comes_back(door: Door, wrong: dict[str, str]) -> None:
    head = as_role(door, "administer", email="head@example.test")
    person(door.ground, "approve")
    said = {"above": "10", "month": "", "currency": "USD", **of(HARBORLINE, door), **wrong}

    assert head.post("/team/approvals/set", said).status_code == 422
    with reading():
        assert not ApprovalRule.objects.exists()


def test_an_account_of_others_takes_no_rule(door: Door) -> None:
    head = as_role(door, "administer", email="head@example.test")

    for path in ("set", "drop", "appoint", "dismiss"):
        assert head.post(f"/team/approvals/{path}", of(EVENTS, door)).status_code == 404


def test_the_clerk_reads_who_asked_and_who_approved(door: Door) -> None:
    from quittance.payments.approval_requests import approve_request
    from tests.payments.checkouts import pay

    maker = user_of("dana@example.test") if door.buyer() else None
    assert maker is not None
    kim = person(door.ground, "approve", name="Kim Sato")
    rule(door)
    basket = ready(door.ground, maker, door.ground.bill("250.00"))
    approve_request(asked(basket, maker).pk, by=kim.pk)
    payment = pay(basket)

    shown = text_of(door.clerk().get(f"/office/payments/{payment.number}"))

    assert "Approval asked by Dana Okafor" in shown
    assert "Approved by Kim Sato" in shown
    with reading():
        assert Contact.objects.filter(user=kim).exists()
