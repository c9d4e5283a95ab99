"""Invitations as tests send, read and open them."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta
from typing import Any

from django.test import Client

from quittance.core import clock
from quittance.identity.models import User
from quittance.invitations.inviting import Letter, Place, invite
from quittance.invitations.models import Invitation
from quittance.notifications.models import Message
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.portal.doors import Door

NEW, WORDS = "new@harborline.test", "seven quiet harbours"


def staff(door: Door, role: str = "clerk") -> User:
    """Somebody of the seller's who may invite."""
    return door.person(email=f"{role}@example.test", role=role, name="Priya Nair")


def invited(
    door: Door, *numbers: str, email: str = NEW, role: str = "pay", by: User | None = None
) -> Invitation:
    """An invitation that was mailed."""
    with reading():
        rows = CustomerAccount.objects.filter(number__in=numbers or [HARBORLINE])
        places = [Place(each.pk, role) for each in rows]
    letter = Letter(email=email, name="", address_of=lambda token: f"http://x/invited/{token}")
    return invite(letter, by=by or staff(door), key=uuid.uuid4(), places=places)


def link(email: str = NEW) -> str:
    """The path of the link in the latest mail to an address."""
    with reading():
        mails = Message.objects.filter(kind__startswith="invitation", to=email)
        address = str(mails.order_by("-next_at", "-pk")[0].facts["address"])
    found = re.search(r"/invited/[\w-]+$", address)
    assert found
    return found[0]


def opened(door: Door, path: str, client: Client | None = None) -> Client:
    """A browser that has pressed the button of a link."""
    client = client or door.client()
    answer = client.post(path)
    assert (answer.status_code, answer["Location"]) == (303, "/invitation")
    return client


def come_in(client: Client, *, name: str = "Nina Berg", password: str = WORDS) -> Any:
    """Send the form of somebody new."""
    return client.post("/invitation", {"name": name, "password": password})


def text(answer: Any) -> str:
    """What a page says."""
    return html.unescape(answer.content.decode())


def age(invitation: Invitation, **ago: int) -> None:
    """Let an invitation be so much older."""
    with writing():
        before = timedelta(**ago)
        Invitation.objects.filter(pk=invitation.pk).update(
            sent_at=clock.now() - before, expires_at=invitation.expires_at - before
        )
