"""An invitation lets in who answers its mail, once, as what he was invited as."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.models import User
from quittance.identity.newcomers import Taken
from quittance.identity.wrong_tokens import WRONG_AN_HOUR
from quittance.invitations import inviting
from quittance.invitations.accepting import Over, accept_as_new
from quittance.invitations.inviting import (
    Letter,
    NotAllowed,
    invite,
    send_again,
    withdraw,
)
from quittance.invitations.models import Invitation
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.receivables.models import Contact, FormerContact
from quittance.receivables.people import MayNot
from quittance.sso.models import IdentityProvider, ProviderDomain
from quittance.tenancy.rows import reading, writing
from quittance.ui.language import speaking
from tests.ground import ALPINE, HARBORLINE
from tests.payments.together import all_at_once
from tests.portal.doors import PASSWORD, Door
from tests.portal.guests import NEW, WORDS, age, come_in, invited, link, opened, staff, text
from tests.portal.roles import as_role, set_role
from tests.sso.roads import DOMAIN


def contacts(email: str = NEW) -> dict[str, str]:
    with reading():
        rows = Contact.objects.filter(user__email=email)
        return dict(rows.values_list("customer_account__number", "role"))


def again(found: Invitation, by: User) -> None:
    send_again(found.pk, by=by, address_of=lambda token: f"http://x/invited/{token}")


def events(what: str) -> list[dict[str, object]]:
    with reading():
        return list(AuditEvent.objects.filter(what=what).values_list("facts", flat=True))


def test_somebody_new_comes_in_by_the_link_and_lands_on_the_overview(door: Door) -> None:
    invited(door, HARBORLINE, ALPINE)
    client = opened(door, link())

    page = text(client.get("/invitation"))
    answer = come_in(client)

    assert "Northwind Traders invites you" in page
    assert "Harborline Hotels" in page
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.get("/").status_code == 200
    assert contacts() == {HARBORLINE: "pay", ALPINE: "pay"}
    signed_in = door.client().post("/sign-in", {"email": NEW, "password": WORDS})
    assert (signed_in.status_code, signed_in["Location"]) == (303, "/")
    assert len(events("invitation.sent")) == len(events("invitation.accepted")) == 1
    assert len(events("person joined")) == 2


def test_the_mail_says_for_what_in_the_readers_language_and_is_forgotten(door: Door) -> None:
    head = door.person(HARBORLINE, name="Dana Okafor")
    set_role(head.pk, "administer")
    invited(door, by=head)

    with reading():
        message = Message.objects.get(kind="invitation", to=NEW)
        with speaking("de"):
            words = write(message.kind, message.facts)

    assert words.subject == "Ihre Einladung zum Portal von Northwind Traders"
    assert "Dana Okafor lädt Sie ein" in words.text
    assert "Harborline Hotels: Bezahlen" in words.text
    assert "/invited/" in words.text


def test_a_mail_program_that_looks_at_links_accepts_nothing(door: Door) -> None:
    invited(door)

    for _ in range(20):
        assert door.client().get(link()).status_code == 200

    assert come_in(opened(door, link())).status_code == 303


def test_an_invitation_is_good_once(door: Door) -> None:
    found = invited(door)
    path = link()
    first, second = opened(door, path), opened(door, path)

    assert come_in(first).status_code == 303
    late = come_in(second, name="Somebody Else", password="nine other little words")

    assert late.status_code == 410
    assert "accepted already" in text(opened(door, path).get("/invitation"))
    with reading():
        assert User.objects.filter(email=NEW).count() == 1
    with pytest.raises(Over):
        accept_as_new(found.pk, name="X", hashed="x")


def test_of_many_answers_at_once_one_counts(door: Door) -> None:
    found = invited(door)

    got = all_at_once(
        *[partial(accept_as_new, found.pk, name=f"N{n}", hashed="x") for n in range(8)]
    )

    assert sum(isinstance(each, User) for each in got) == 1
    assert sum(isinstance(each, Over | Taken) for each in got) == 7
    assert len(events("invitation.accepted")) == 1


def test_an_invitation_ends_by_itself_and_can_be_sent_again(door: Door) -> None:
    by = staff(door)
    found = invited(door, by=by)
    before = link()
    client = opened(door, before)
    age(found, days=8)
    assert client.get("/invitation").status_code == 410
    assert "seven days" in text(client.get("/invitation"))

    with writing():
        Message.objects.filter(to=NEW).delete()
    again(found, by)

    assert door.client().post(before).status_code == 404
    assert link() != before
    assert come_in(opened(door, link()))["Location"] == "/"


def test_what_was_taken_back_opens_nothing_and_is_not_sent_again(door: Door) -> None:
    by = staff(door)
    found = invited(door, by=by)
    client = opened(door, link())

    withdraw(found.pk, by=by)

    assert come_in(client).status_code == 410
    assert contacts() == {}
    with pytest.raises(inviting.Answered):
        again(found, by)
    with pytest.raises(inviting.Answered):
        withdraw(found.pk, by=by)


def test_who_has_a_sign_in_is_added_only_when_he_has_accepted_signed_in(door: Door) -> None:
    luca = door.person(ALPINE, email="luca@example.test", name="Luca")
    invited(door, email=luca.email)
    client = opened(door, link(luca.email))

    page = text(client.get("/invitation"))
    refused = come_in(client)
    unmoved = contacts(luca.email)
    client.post("/sign-in", {"email": luca.email, "password": PASSWORD, "then": "/invitation"})
    asked = text(client.get("/invitation"))
    answer = client.post("/invitation")

    assert "has a sign-in here already" in page
    assert refused.status_code == 409
    assert unmoved == {ALPINE: "pay"}
    assert "Accept the invitation" in asked
    assert answer["Location"] == "/"
    assert contacts(luca.email) == {ALPINE: "pay", HARBORLINE: "pay"}


def test_somebody_else_at_the_browser_does_not_accept_it(door: Door) -> None:
    invited(door)
    client = opened(door, link(), door.stranger())

    page, answer = text(client.get("/invitation")), client.post("/invitation")

    assert "You are signed in as luca@example.test" in page
    assert answer.status_code == 409
    assert contacts() == {}


def test_who_acts_for_the_account_already_stays_what_he_is(door: Door) -> None:
    """The seller wrote first to the new account, the colleague to the one that he knows."""
    luca = door.person(email="luca@example.test", name="Luca")
    invited(door, HARBORLINE, ALPINE, email=luca.email, role="view")
    account = door.ground.account(ALPINE)
    with writing():
        Contact.objects.create(user=luca, customer_account=account, role="administer")

    client = opened(door, link(luca.email))
    client.post("/sign-in", {"email": luca.email, "password": PASSWORD})
    client.post("/invitation")

    assert contacts(luca.email) == {ALPINE: "administer", HARBORLINE: "view"}


def test_whom_the_team_removed_comes_back_by_a_new_invitation_only(door: Door) -> None:
    by, luca = staff(door), door.person(email="luca@example.test", name="Luca")
    first = invited(door, email=luca.email, by=by)
    client = opened(door, link(luca.email))
    client.post("/sign-in", {"email": luca.email, "password": PASSWORD})
    with writing():
        FormerContact.objects.create(
            user=luca, customer_account_id=first.roles.get().customer_account_id,
            left_at=clock.now(), by_team=True,
        )  # fmt: skip

    client.post("/invitation")
    still_out = contacts(luca.email)
    invited(door, email=luca.email, by=by)
    client = opened(door, link(luca.email), client)
    client.post("/invitation")

    assert still_out == {}
    assert contacts(luca.email) == {HARBORLINE: "pay"}


def test_the_inviter_hears_the_same_whether_the_address_has_a_sign_in(door: Door) -> None:
    head = as_role(door, "administer", email="head@example.test")
    door.person(ALPINE, email="luca@example.test")
    staff(door)
    answers = []
    for email in ("luca@example.test", "clerk@example.test", "nobody@example.test"):
        answer = send(head, door, email=email)
        answers.append((answer.status_code, answer["Location"], email in text(head.get("/team"))))

    assert answers == [(303, "/team?done=invited", True)] * 3


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("", WORDS, "Enter your name"),
        ("Nina Berg", "short", "at least 12 characters"),
        ("Nina Berg", "password1234", "known to everybody"),
        ("Nina Berg", "northwindnina", "your name, your address or the seller's name"),
    ],
)
def test_a_name_and_a_good_password_are_asked_for(
    name: str, password: str, said: str, door: Door
) -> None:
    invited(door)
    client = opened(door, link())

    answer = come_in(client, name=name, password=password)

    assert answer.status_code == 422
    assert said in text(answer)
    assert password not in text(answer)
    assert come_in(client).status_code == 303


def test_guessed_links_open_nothing_and_are_slowed_down_but_keep_no_right_one_out(
    door: Door,
) -> None:
    invited(door)

    seen = [door.client().post(f"/invited/wrong-{n}").status_code for n in range(WRONG_AN_HOUR + 1)]
    answer = door.client().post("/invited/wrong")

    assert seen == [404] * WRONG_AN_HOUR + [429]
    assert int(answer["Retry-After"]) > 0
    assert come_in(opened(door, link())).status_code == 303


def test_people_of_a_domain_that_signs_in_elsewhere_choose_no_password(door: Door) -> None:
    email = f"wanda@{DOMAIN}"
    with writing():
        provider = IdentityProvider.objects.create(
            name="Contoso", for_staff=False, issuer="https://id.contoso.test", client_id="x",
            kind="oidc", required=True,
        )  # fmt: skip
        ProviderDomain.objects.create(
            provider=provider, domain=DOMAIN, word="x", proven_at=clock.now()
        )
    invited(door, email=email)
    client = opened(door, link(email))

    page, answer = text(client.get("/invitation")), come_in(client)

    assert "Choose a password" not in page
    assert 'action="/sign-in/company"' in page
    assert "signs in at Contoso" in page
    assert answer.status_code == 409
    assert contacts(email) == {}


def test_the_page_of_an_invitation_opens_only_to_who_opened_its_link(door: Door) -> None:
    invited(door)

    answer = door.client().get("/invitation")

    assert answer.status_code == 403
    assert NEW not in text(answer)


def test_staff_are_invited_and_land_in_the_back_office(door: Door) -> None:
    ines = staff(door, "administrator")
    letter = Letter(email=NEW, address_of=lambda token: f"http://x/invited/{token}")
    invite(letter, by=ines, key=uuid.uuid4(), staff_role="auditor")

    client = opened(door, link())
    answer = come_in(client)

    assert answer["Location"] == "/office/"
    with reading():
        assert User.objects.get(email=NEW).staff_role == "auditor"


def test_one_address_is_not_of_both_sides(door: Door) -> None:
    ines = staff(door, "administrator")
    door.person(HARBORLINE, email=NEW)
    letter = Letter(email=NEW, address_of=lambda token: f"http://x/invited/{token}")
    invite(letter, by=ines, key=uuid.uuid4(), staff_role="clerk")
    client = opened(door, link())
    client.post("/sign-in", {"email": NEW, "password": PASSWORD})

    answer = client.post("/invitation")

    assert answer.status_code == 409
    with reading():
        assert User.objects.get(email=NEW).staff_role == ""


@pytest.mark.parametrize("role", ["clerk", "manager", "auditor", "integrator"])
def test_only_an_administrator_invites_staff(role: str, door: Door) -> None:
    letter = Letter(email=NEW, address_of=str)

    with pytest.raises(NotAllowed):
        invite(letter, by=staff(door, role), key=uuid.uuid4(), staff_role="clerk")


def test_a_buyer_invites_only_to_accounts_that_he_administers(door: Door) -> None:
    payer = door.person(HARBORLINE)
    with pytest.raises(MayNot):
        invited(door, by=payer)
    set_role(payer.pk, "administer")
    with pytest.raises(MayNot):
        invited(door, ALPINE, by=payer)
    letter = Letter(email=NEW, address_of=str)
    with pytest.raises(NotAllowed):
        invite(letter, by=payer, key=uuid.uuid4(), staff_role="administrator")
    with reading():
        assert Message.objects.filter(kind__startswith="invitation").count() == 0


def send(client: object, door: Door, **said: str) -> object:
    from tests.portal.doors import fields_of

    fields = fields_of(client.get("/team/invite").content)  # type: ignore[attr-defined]
    wanted = {"email": NEW, "role": "pay"}
    return client.post("/team/invite/send", fields | wanted | said)  # type: ignore[attr-defined]
