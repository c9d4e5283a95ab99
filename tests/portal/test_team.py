"""Who administers a customer account says who acts for it; somebody always administers it."""

from __future__ import annotations

import html
from functools import partial
from typing import Any

import pytest
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.core.money import Money
from quittance.invitations.inviting import MOST_SENDS
from quittance.invitations.models import Invitation
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.receivables.models import Contact
from quittance.receivables.people import MayNot
from quittance.receivables.team import LastAdministrator, change_role, remove, team_of
from quittance.tenancy.rows import reading, writing
from quittance.ui.language import speaking
from tests.ground import ALPINE, HARBORLINE
from tests.payments.together import all_at_once
from tests.portal.doors import Door, fields_of
from tests.portal.guests import NEW, come_in, invited, link, opened
from tests.portal.roles import as_role, set_role
from tests.portal.test_access import MISSING

HEAD, COLLEAGUE = "head@example.test", "colleague@example.test"


@pytest.fixture
def head(door: Door) -> Client:
    """The browser of who administers Harborline."""
    return as_role(door, "administer", email=HEAD)


def contact(email: str) -> Contact:
    with reading():
        return Contact.objects.select_related("user").get(user__email=email)


def send(client: Client, email: str, **said: str) -> Any:
    return client.post(f"/team/{contact(email).pk}/change", said)


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def events(what: str) -> list[dict[str, Any]]:
    with reading():
        return list(AuditEvent.objects.filter(what=what).values_list("facts", flat=True))


def test_a_role_is_changed_counts_at_once_and_is_told_and_written_down(
    door: Door, head: Client
) -> None:
    colleague = as_role(door, "view", email=COLLEAGUE)
    assert colleague.get("/wallet/add").status_code == 403

    answer = send(head, COLLEAGUE, role="pay")

    assert (answer.status_code, answer["Location"]) == (303, "/team?done=changed")
    assert colleague.get("/wallet/add").status_code == 200
    (fact,) = events("role changed")
    assert (fact["role_before"], fact["role"]) == ("view", "pay")
    with reading():
        message = Message.objects.get(kind="role_changed", to=COLLEAGUE)
        with speaking("de"):
            told = write(message.kind, message.facts).text
    assert "ist Ihre Rolle für Harborline Hotels jetzt: Bezahlen." in told


def test_a_limit_is_set_and_goes_with_the_role(door: Door, head: Client) -> None:
    as_role(door, "pay", email=COLLEAGUE)

    send(head, COLLEAGUE, role="pay_within", limit="1,250.50", currency="USD")
    limited = contact(COLLEAGUE).limit
    send(head, COLLEAGUE, role="pay", limit="1,250.50", currency="USD")

    assert limited == Money(125_050, "USD")
    assert contact(COLLEAGUE).limit is None


@pytest.mark.parametrize(
    "said",
    [
        {"role": "owner"},
        {"role": ""},
        {"role": "pay_within"},
        {"role": "pay_within", "limit": "0", "currency": "USD"},
        {"role": "pay_within", "limit": "-5", "currency": "USD"},
        {"role": "pay_within", "limit": "much", "currency": "USD"},
        {"role": "pay_within", "limit": "5", "currency": "XTS"},
    ],
)
def test_what_is_no_role_or_no_limit_changes_nothing(
    said: dict[str, str], door: Door, head: Client
) -> None:
    as_role(door, "view", email=COLLEAGUE)

    assert send(head, COLLEAGUE, **said).status_code == 422
    assert contact(COLLEAGUE).role == "view"
    assert events("role changed") == []


def test_who_is_removed_is_out_at_the_next_click(door: Door, head: Client) -> None:
    colleague = as_role(door, "pay", email=COLLEAGUE)
    assert colleague.get("/invoices").status_code == 200

    address = f"/team/{contact(COLLEAGUE).pk}"
    answer = head.post(f"{address}/remove")

    assert answer["Location"] == "/team?done=removed"
    assert colleague.get("/invoices")["Location"].startswith("/sign-in")
    team, _, removed = text(head.get("/team")).partition("Removed")
    assert address not in team + removed
    assert COLLEAGUE not in team
    assert COLLEAGUE in removed
    (fact,) = events("person removed")
    assert fact["role_before"] == "pay"
    with reading():
        assert Message.objects.filter(kind="access_removed", to=COLLEAGUE).count() == 1


def test_the_last_who_administers_can_neither_be_removed_nor_step_down(
    door: Door, head: Client
) -> None:
    as_role(door, "pay", email=COLLEAGUE)

    down = send(head, HEAD, role="pay")
    out = head.post(f"/team/{contact(HEAD).pk}/remove")

    assert (down.status_code, out.status_code) == (422, 422)
    assert "Somebody must administer this account." in text(down)
    assert contact(HEAD).role == "administer"
    send(head, COLLEAGUE, role="administer")
    assert send(head, HEAD, role="pay")["Location"] == "/"
    assert head.get("/team").status_code == 403


def test_two_who_send_each_other_away_at_once_leave_one(door: Door, head: Client) -> None:
    as_role(door, "administer", email=COLLEAGUE)
    one, two = contact(HEAD), contact(COLLEAGUE)
    account_id = one.customer_account_id

    got = all_at_once(
        partial(remove, account_id, two.pk, by=one.user_id),
        partial(remove, account_id, one.pk, by=two.user_id),
    )

    assert len(team_of(account_id)) == 1
    assert sum(isinstance(each, MayNot | LastAdministrator) for each in got) == 1


@pytest.mark.parametrize("role", ["view", "pay_within", "pay", "approve"])
def test_who_does_not_administer_changes_nobody(role: str, door: Door, head: Client) -> None:
    client = as_role(door, role, email=COLLEAGUE)

    for answer in (
        client.get("/team"),
        send(client, COLLEAGUE, role="administer"),
        client.post(f"/team/{contact(HEAD).pk}/remove"),
    ):
        assert answer.status_code == 403
    own = contact(COLLEAGUE)
    with pytest.raises(MayNot):
        change_role(own.customer_account_id, own.pk, "administer", limit=None, by=own.user_id)
    assert (contact(COLLEAGUE).role, contact(HEAD).role) == (role, "administer")


def test_people_of_another_customer_are_as_if_they_were_not_there(door: Door, head: Client) -> None:
    as_role(door, "pay", ALPINE, email="luca@example.test")
    row = contact("luca@example.test")
    own = contact(HEAD)

    assert head.get(f"/team/{row.pk}").status_code == 404
    assert head.post(f"/team/{row.pk}/remove").status_code == 404
    assert "luca@example.test" not in text(head.get("/team"))
    with pytest.raises(MayNot):
        remove(row.customer_account_id, row.pk, by=own.user_id)


def test_who_administers_one_account_does_not_administer_the_other(door: Door) -> None:
    both = as_role(door, "administer", HARBORLINE, ALPINE, email="both@example.test")
    as_role(door, "administer", ALPINE, email="luca@example.test")
    with reading():
        user_id = Contact.objects.filter(user__email="both@example.test").values_list(
            "user_id", flat=True
        )[0]
    set_role(user_id, "view", number=ALPINE)
    row = contact("luca@example.test")

    assert both.get(f"/team/{row.pk}").status_code == 403
    assert both.post(f"/team/{row.pk}/remove").status_code == 403
    assert contact("luca@example.test").role == "administer"


def test_the_team_changes_only_after_a_fresh_proof(door: Door, head: Client) -> None:
    as_role(door, "pay", email=COLLEAGUE)
    pk = contact(COLLEAGUE).pk
    session = head.session
    session["proved"] = session["proved"] - 301
    session.save()

    answers = [
        head.post(f"/team/{pk}/change", {"role": "administer"}),
        head.post(f"/team/{pk}/remove"),
        head.post(f"/team/removed/{pk}"),
    ]

    assert all(each["Location"].startswith("/security/prove") for each in answers)
    assert contact(COLLEAGUE).role == "pay"


def invite(client: Client, **said: str) -> Any:
    form = fields_of(client.get("/team/invite").content)
    return client.post("/team/invite/send", form | {"email": NEW, "role": "pay"} | said)


def row() -> Invitation:
    with reading():
        return Invitation.objects.get(email=NEW)


def test_a_colleague_is_invited_up_to_a_limit_and_stands_on_the_page_until_he_accepts(
    door: Door, head: Client
) -> None:
    answer = invite(head, role="pay_within", limit="1,250.50", currency="USD", name="Nina Berg")

    team = text(head.get("/team"))
    assert answer["Location"] == "/team?done=invited"
    assert "Nina Berg" in team
    assert "$1,250.50" in team
    assert "Sent" in team
    assert come_in(opened(door, link())).status_code == 303
    assert contact(NEW).limit == Money(125_050, "USD")
    assert "Invited" not in text(head.get("/team"))


def test_a_form_that_is_sent_twice_invites_once(door: Door, head: Client) -> None:
    form = fields_of(head.get("/team/invite").content) | {"email": NEW, "role": "pay"}

    first, second = (head.post("/team/invite/send", form) for _ in range(2))
    other = invite(head)

    assert first["Location"] == second["Location"] == "/team?done=invited"
    assert other.status_code == 422
    assert "has an invitation that waits" in text(other)
    assert len(events("invitation.sent")) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"email": "nobody"},
        {"email": ""},
        {"role": "owner"},
        {"role": "pay_within"},
        {"role": "pay_within", "limit": "0", "currency": "USD"},
        {"email": HEAD},
    ],
)
def test_what_is_wrong_with_an_invitation_is_said_and_nothing_is_sent(
    said: dict[str, str], head: Client
) -> None:
    assert invite(head, **said).status_code == 422
    assert events("invitation.sent") == []


def test_an_invitation_is_sent_again_five_times_at_most_and_taken_back(
    door: Door, head: Client
) -> None:
    invite(head)
    before = link()

    seen = [head.post(f"/team/invitations/{row().pk}/again").status_code for _ in range(5)]
    back = head.post(f"/team/invitations/{row().pk}/withdraw")
    late = head.post(f"/team/invitations/{row().pk}/withdraw")

    assert seen == [303] * (MOST_SENDS - 1) + [422]
    assert door.client().post(before).status_code == 404
    assert (back["Location"], late.status_code) == ("/team?done=withdrawn", 422)
    assert NEW not in text(head.get("/team"))
    assert len(events("invitation.sent again")) == MOST_SENDS - 1
    assert len(events("invitation.withdrawn")) == 1


def test_one_person_invites_fifty_a_day(
    door: Door, head: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quittance.invitations.inviting.MOST_A_DAY", 2)

    seen = [invite(head, email=f"n{n}@example.test").status_code for n in range(3)]

    assert seen == [303, 303, 422]


def test_invitations_of_another_customer_are_as_if_they_were_not_there(
    door: Door, head: Client
) -> None:
    found = invited(door, ALPINE)

    for act in ("again", "withdraw"):
        foreign = head.post(f"/team/invitations/{found.pk}/{act}")
        missing = head.post(f"/team/invitations/{MISSING}/{act}")
        assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert NEW not in text(head.get("/team"))
    stranger = contact(HEAD).customer_account_id
    form = fields_of(head.get("/team/invite").content) | {"email": NEW, "role": "pay"}
    with reading():
        other = found.roles.get().customer_account_id
    assert stranger != other
    assert head.post("/team/invite/send", form | {"account": str(other)}).status_code == 404


def test_an_invitation_to_accounts_of_others_too_has_no_button_here(
    door: Door, head: Client
) -> None:
    found = invited(door, HARBORLINE, ALPINE)

    shared = text(head.get("/team"))
    person, alpine = contact(HEAD).user, door.ground.account(ALPINE)
    with writing():
        Contact.objects.create(user=person, customer_account=alpine, role="administer")
    own = text(head.get("/team"))

    act = f"/team/invitations/{found.pk}/"
    assert NEW in shared
    assert act not in shared
    assert act in own


def test_who_lost_the_role_meanwhile_invites_nobody(door: Door, head: Client) -> None:
    form = fields_of(head.get("/team/invite").content) | {"email": NEW, "role": "administer"}
    set_role(contact(HEAD).user_id, "view")

    assert head.post("/team/invite/send", form).status_code == 403
    assert events("invitation.sent") == []
