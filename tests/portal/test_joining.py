"""At the door: who proves a mailbox and knows an invoice comes in or waits; others hear nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from quittance.arrivals.models import JoinRequest
from quittance.arrivals.rules import Rules, keep_rules
from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.receivables.models import Contact, Invoice
from quittance.sso.models import IdentityProvider, ProviderDomain
from quittance.tenancy.rows import reading, writing
from tests.arrivals.newcomers import (
    NEW,
    acts_for,
    forget_counts,
    known_to_erp,
    mailed_code,
    opened,
)
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door
from tests.portal.guests import text
from tests.portal.roles import as_role


def proven(door: Door, email: str = NEW) -> Client:
    """A browser in which a mailbox was proven."""
    client = door.client()
    assert client.post("/join", {"email": email})["Location"] == "/join/code"
    answer = client.post("/join/code", {"code": mailed_code(email)})
    assert (answer.status_code, answer["Location"]) == (303, "/join/account")
    return client


def named(bill: Invoice, **different: str) -> dict[str, str]:
    amount = f"{bill.total_minor / 100:,.2f}"
    return {
        "name": "Nina Berg", "number": HARBORLINE, "invoice": bill.number, "amount": amount,
        **different,
    }  # fmt: skip


def roles(email: str = NEW) -> list[str]:
    with reading():
        return list(Contact.objects.filter(user__email=email).values_list("role", flat=True))


def waiting() -> JoinRequest:
    with reading():
        return JoinRequest.objects.get(status="asked")


def without_secrets(answer: Any, *own: str) -> str:
    page = re.sub(r'(name="csrfmiddlewaretoken" value=|nonce=)"[^"]+"', "", text(answer))
    for each in own:
        page = page.replace(each, "")
    return page


def test_switched_off_nothing_leads_there_and_nothing_is_mailed(door: Door) -> None:
    client = door.client()

    assert "/join" not in text(client.get("/sign-in"))
    assert client.get("/join").status_code == 404
    assert client.post("/join", {"email": NEW}).status_code == 404
    assert client.get("/join/code")["Location"] == "/join"
    assert client.post("/join/account", {"name": "X"})["Location"] == "/join"
    assert client.get("/join/answer")["Location"] == "/join"
    with reading():
        assert not Message.objects.exists()


def test_who_knows_an_invoice_asks_and_waits(door: Door) -> None:
    opened()
    client = proven(door)

    answer = client.post("/join/account", named(door.ground.bill("1250.00")))

    assert (answer.status_code, answer["Location"]) == (303, "/join/answer")
    page = text(client.get("/join/answer"))
    assert "You have asked" in page
    assert "Harborline" in page
    assert roles() == []
    assert client.get("/")["Location"].startswith("/sign-in")
    assert "Get access with an invoice" in text(door.client().get("/sign-in"))


def test_whom_the_erp_knows_lands_on_the_overview(door: Door) -> None:
    opened(at_once="known")
    known_to_erp(NEW)
    client = proven(door)

    answer = client.post("/join/account", named(door.ground.bill()))

    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.get("/").status_code == 200
    assert client.get("/team").status_code == 403
    assert roles() == ["view"]


def test_an_amount_is_read_as_any_paper_writes_it(door: Door) -> None:
    opened()
    client = proven(door)
    invoice = door.ground.bill("1250.00")
    whole, cents = divmod(invoice.total_minor, 100)
    written = f"{invoice.currency} {whole // 1000}.{whole % 1000:03d},{cents:02d}"

    assert client.post("/join/account", named(invoice, amount=written)).status_code == 303


def test_whatever_is_wrong_the_page_is_the_same(door: Door) -> None:
    opened()
    invoice, other = door.ground.bill(), door.ground.bill(customer=ALPINE)
    tries = [
        named(invoice, number="C-NOBODY"), named(invoice, number=ALPINE),
        named(invoice, invoice="SI-NOTHING"), named(invoice, amount="0.01"), named(other),
    ]  # fmt: skip
    pages = set()
    for each in tries:
        forget_counts()
        answer = proven(door).post("/join/account", each)
        assert answer.status_code == 422
        pages.add(without_secrets(answer, each["number"], each["invoice"], each["amount"]))
    keep_rules(Rules())

    assert len(pages) == 1
    assert "do not fit together" in pages.pop()


def test_after_three_tries_the_page_says_how_long_to_wait(door: Door) -> None:
    opened()
    client, invoice = proven(door), door.ground.bill()
    for _ in range(3):
        assert client.post("/join/account", named(invoice, amount="0.01")).status_code == 422

    answer = client.post("/join/account", named(invoice))

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 24 * 3600
    assert roles() == []


def test_what_is_missing_costs_no_try(door: Door) -> None:
    opened()
    client, invoice = proven(door), door.ground.bill()
    for gap in ("name", "number", "invoice", "amount"):
        assert client.post("/join/account", named(invoice, **{gap: " "})).status_code == 422

    assert client.post("/join/account", named(invoice)).status_code == 303


def test_a_code_that_is_wrong_opens_nothing(door: Door) -> None:
    opened()
    client = door.client()
    client.post("/join", {"email": NEW})

    assert client.post("/join/code", {"code": "x"}).status_code == 422
    assert client.get("/join/account")["Location"] == "/join"


@pytest.mark.parametrize("known", [True, False])
def test_the_answer_to_an_address_does_not_say_who_is_known(door: Door, known: bool) -> None:
    opened()
    if known:
        door.person(HARBORLINE, email=NEW)

    answer = door.client().post("/join", {"email": NEW})

    assert (answer.status_code, answer["Location"]) == (303, "/join/code")
    with reading():
        assert Message.objects.get().kind == "join_code"


def test_a_domain_that_signs_in_elsewhere_cannot_come_in_past_it(door: Door) -> None:
    opened(at_once="anybody")
    client, invoice = proven(door), door.ground.bill()
    domain = NEW.rpartition("@")[2]
    with writing():
        provider = IdentityProvider.objects.create(
            name="Harborline", for_staff=False, issuer="https://id.harborline.test", client_id="x",
            kind="oidc", required=True,
        )  # fmt: skip
        ProviderDomain.objects.create(
            provider=provider, domain=domain, word="x", proven_at=clock.now()
        )

    begun = door.client().post("/join", {"email": NEW})
    answer = client.post("/join/account", named(invoice))

    assert begun.status_code in {403, 503, 200}
    assert "Location" not in begun
    assert answer.status_code == begun.status_code
    assert roles() == []
    with reading():
        assert Message.objects.filter(kind="join_code").count() == 1
        assert not User.objects.filter(email=NEW).exists()


def test_who_administers_the_account_says_yes_on_the_page_of_the_team(door: Door) -> None:
    opened()
    proven(door).post("/join/account", named(door.ground.bill()))
    head = as_role(door, "administer")

    page = text(head.get("/team"))
    answer = head.post(f"/team/requests/{waiting().pk}/let-in")

    assert "Asks for access" in page
    assert NEW in page
    assert answer["Location"] == "/team?done=joined"
    assert roles() == ["view"]
    assert "Asks for access" not in text(head.get("/team"))


def test_a_no_on_the_page_of_the_team_wants_a_reason_that_the_newcomer_reads(door: Door) -> None:
    opened()
    newcomer = proven(door)
    newcomer.post("/join/account", named(door.ground.bill()))
    head, found = as_role(door, "administer"), waiting()

    assert head.post(f"/team/requests/{found.pk}/refuse").status_code == 422
    answer = head.post(f"/team/requests/{found.pk}/refuse", {"reason": "Ask Dana."})

    assert answer["Location"] == "/team?done=refused"
    page = text(newcomer.get("/join/answer"))
    assert "You were not let in" in page
    assert "Ask Dana." in page
    assert head.post(f"/team/requests/{found.pk}/let-in").status_code == 409


def test_others_of_the_account_and_strangers_decide_nothing(door: Door) -> None:
    opened()
    proven(door).post("/join/account", named(door.ground.bill()))
    found = waiting()
    payer = as_role(door, "pay", email="payer@example.test")
    stranger = as_role(door, "administer", ALPINE, email="luca@example.test")
    for path in (f"/team/requests/{found.pk}/let-in", f"/team/requests/{found.pk}/refuse"):
        assert payer.post(path, {"reason": "no"}).status_code == 403
        assert stranger.post(path, {"reason": "no"}).status_code == 404

    assert roles() == []


def test_who_acts_for_it_already_is_told_to_sign_in(door: Door) -> None:
    opened(at_once="anybody")
    person = door.person(email=NEW)
    acts_for(door.ground.account(), person, "pay")

    answer = proven(door).post("/join/account", named(door.ground.bill()))

    assert answer.status_code == 422
    assert "You act for this account already" in text(answer)
    assert roles() == ["pay"]
