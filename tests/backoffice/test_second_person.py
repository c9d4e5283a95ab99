"""A second person's word through the pages: who sees what, and that nothing counts before it."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.confirmations.models import Confirmation
from quittance.confirmations.rules import kinds_on, switch_on
from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import settings_of
from quittance.identity.models import User
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import action, fields, words
from tests.portal.doors import Door

PAGE = "/office/confirmations"
NEW_SECRET = "whsec_bmV3c2VjcmV0"


class Two:
    """Two managers and two administrators, each in a browser of their own."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.mia = door.signed_in(email="mia@example.test", role="manager", name="Mia Lang")
        self.ivan = door.signed_in(email="ivan@example.test", role="integrator", name="Ivan Petrov")
        self.ada = door.signed_in(email="ada@example.test", role="administrator", name="Ada Novak")
        self.ines = door.signed_in(
            email="ines@example.test", role="administrator", name="Ines Duarte"
        )
        self.gateway = f"/office/connections/gateway/{door.ground.gateway_account_id}/settings"

    def ask(self, by: Client, **changes: str) -> Any:
        """Change the settings of the gateway, with all its secrets typed."""
        shown = fields(by.get(self.gateway), "settings/keep")
        kept = gateway_settings()
        return by.post(f"{self.gateway}/keep", shown | kept | changes)


@pytest.fixture
def two(door: Door) -> Two:
    two = Two(door)
    with writing():
        switch_on(["credentials"])
    return two


def gateway_settings() -> dict[str, str]:
    with reading():
        return settings_of(GatewayAccount.objects.get())


def request_of() -> Confirmation:
    with reading():
        return Confirmation.objects.get()


def answered(client: Client, how: str, **typed: str) -> Any:
    """Open the request's page and press a button there."""
    page = client.get(f"{PAGE}/{request_of().pk}")
    return client.post(action(page, how), fields(page, how) | typed)


def test_new_settings_of_a_gateway_count_when_another_person_has_confirmed(two: Two) -> None:
    before = gateway_settings()

    said = two.ask(two.mia, webhook_secret=NEW_SECRET, second_note="The old one leaked")
    waiting = gateway_settings()
    page = two.ivan.get(f"{PAGE}/{request_of().pk}")
    done = answered(two.ivan, "confirm")

    assert said["Location"].endswith("?done=asked")
    assert waiting == before
    assert "Mia Lang" in words(page)
    assert "The old one leaked" in words(page)
    assert "kept, never shown" in words(page)
    assert NEW_SECRET not in page.content.decode()
    assert done["Location"] == f"{PAGE}?done=confirmed"
    assert gateway_settings()["webhook_secret"] == NEW_SECRET
    assert request_of().status == "done"


def test_an_erp_too_and_it_is_tried_out_again(two: Two, door: Door) -> None:
    address = f"/office/connections/erp/{door.ground.legal_entity_id}/settings"
    shown = fields(two.mia.get(address), "settings/keep")
    two.mia.post(f"{address}/keep", shown | {"clearing_account": "2920"})

    page = words(two.ada.get(f"{PAGE}/{request_of().pk}"))
    answered(two.ada, "confirm")

    assert "Clearing account" in page
    assert "2910" in page
    assert "2920" in page
    with reading():
        assert settings_of(ErpConnection.objects.get())["clearing_account"] == "2920"


def test_who_asked_finds_no_button_and_is_refused(two: Two) -> None:
    before = gateway_settings()
    two.ask(two.mia, webhook_secret=NEW_SECRET)
    row = request_of()

    page = two.mia.get(f"{PAGE}/{row.pk}")
    answer = two.mia.post(f"{PAGE}/{row.pk}/confirm", {"fingerprint": row.fingerprint})

    assert "Confirm it" not in words(page)
    assert "another person confirms it" in words(page)
    assert answer.status_code == 409
    assert "Another person who may do this has to confirm it" in words(answer)
    assert gateway_settings() == before


def test_the_queue_counts_what_waits_for_this_person_only(two: Two) -> None:
    clerk = two.door.clerk()
    two.ask(two.mia, webhook_secret=NEW_SECRET)

    def counted(client: Client) -> bool:
        return 'class="count hot">1<' in client.get(PAGE).content.decode()

    assert (counted(two.ivan), counted(two.mia), counted(clerk)) == (True, False, False)
    assert "Settings of" not in words(clerk.get(PAGE))
    assert clerk.get(f"{PAGE}/{request_of().pk}").status_code == 404


def test_a_word_wants_a_fresh_proof(two: Two) -> None:
    two.ask(two.mia, webhook_secret=NEW_SECRET)
    row = request_of()
    session = two.ivan.session
    session["proved"] = 0
    session.save()

    for act in ("confirm", "refuse"):
        answer = two.ivan.post(f"{PAGE}/{row.pk}/{act}", {"fingerprint": row.fingerprint})
        assert answer["Location"].startswith("/security/prove"), answer["Location"]
    assert request_of().status == "asked"


def test_a_refusal_says_why_and_the_settings_stay(two: Two) -> None:
    before = gateway_settings()
    two.ask(two.mia, webhook_secret=NEW_SECRET)

    empty = answered(two.ivan, "refuse")
    answered(two.ivan, "refuse", reason="It was not you")

    assert empty.status_code == 409
    assert (request_of().status, request_of().reason) == ("refused", "It was not you")
    assert gateway_settings() == before
    assert "It was not you" in words(two.mia.get(f"{PAGE}/{request_of().pk}"))


def test_what_was_changed_since_is_not_confirmed(two: Two) -> None:
    two.ask(two.mia, webhook_secret=NEW_SECRET)
    with writing():
        row = GatewayAccount.objects.get()
        now = settings_of(row) | {"webhook_secret": "whsec_b3BlcmF0b3I="}
        keep_gateway_account(kind=row.kind, name=row.name, settings=now)

    answer = answered(two.ivan, "confirm")

    assert "was changed since this was asked for" in words(answer)
    assert gateway_settings()["webhook_secret"] == "whsec_b3BlcmF0b3I="
    assert request_of().status == "asked"


def test_what_does_not_work_is_not_even_asked_for(two: Two) -> None:
    answer = two.ask(two.mia, api_key="sk_wrong")

    assert answer.status_code == 422
    with reading():
        assert not Confirmation.objects.exists()


def test_what_a_leaver_asked_for_needs_a_new_owner(two: Two) -> None:
    two.ask(two.mia, webhook_secret=NEW_SECRET)
    with writing():
        User.objects.filter(email="mia@example.test").update(is_active=False)

    assert "Needs a new owner" in words(two.ivan.get(PAGE))
    assert "may not do it any more" in words(answered(two.ivan, "confirm"))
    answered(two.ivan, "refuse", reason="Mia has left")
    assert request_of().status == "refused"


def test_who_asked_takes_it_back(two: Two) -> None:
    two.ask(two.mia, webhook_secret=NEW_SECRET)

    answer = answered(two.mia, "withdraw")

    assert answer["Location"] == f"{PAGE}?done=withdrawn"
    assert request_of().status == "withdrawn"


def test_the_rules_are_switched_on_at_once_and_off_by_two(door: Door) -> None:
    two = Two(door)
    shown = fields(two.ines.get(f"{PAGE}/rules"), "rules/keep")
    two.ines.post(f"{PAGE}/rules/keep", shown | {"kind": "credentials"})
    with reading():
        on = kinds_on()
    off = two.ines.post(f"{PAGE}/rules/keep", {})
    with reading():
        still = kinds_on()
    waits = words(two.ines.get(f"{PAGE}/rules"))
    answered(two.ada, "confirm")

    assert on == still == ["credentials"]
    assert off["Location"].endswith("?done=asked")
    assert "waits for another administrator" in waits
    with reading():
        assert kinds_on() == []


def test_where_one_person_works_alone_nothing_is_wanted_and_nothing_can_be(door: Door) -> None:
    alone = door.signed_in(email="ada@example.test", role="administrator")

    page = words(alone.get(f"{PAGE}/rules"))
    answer = alone.post(f"{PAGE}/rules/keep", {"kind": "credentials"})

    assert "Nobody else could confirm it yet" in page
    assert answer.status_code == 409
    assert "Nobody else could confirm it, so nobody could work" in words(answer)


def test_the_audit_says_who_asked_and_who_confirmed(two: Two) -> None:
    two.ask(two.mia, webhook_secret=NEW_SECRET)
    answered(two.ivan, "confirm")

    with reading():
        people = {f"user:{each.pk}": each.name for each in User.objects.all()}
        rows = AuditEvent.objects.filter(subject_kind="confirmation").order_by("happened_at")
        said = [(each.what, people[each.actor]) for each in rows]
        leaked = [each for each in AuditEvent.objects.all() if "whsec" in str(each.facts)]
    assert said == [
        ("confirmation asked", "Mia Lang"), ("confirmation given", "Ivan Petrov"),
        ("confirmation used", "Ivan Petrov"),
    ]  # fmt: skip
    assert leaked == []


def test_nobody_without_the_permission_reads_or_keeps_the_rules(two: Two) -> None:
    for path in ("rules", "rules/keep"):
        assert two.mia.get(f"{PAGE}/{path}").status_code in {404, 405}
        assert two.mia.post(f"{PAGE}/{path}", {"kind": "x"}).status_code in {404, 405}


def test_words_of_people_are_shown_as_words(two: Two) -> None:
    two.ask(two.mia, webhook_secret=NEW_SECRET, second_note="<b onclick=x>now</b>")

    page = two.ivan.get(f"{PAGE}/{request_of().pk}").content.decode()

    assert html.escape("<b onclick=x>now</b>") in page
