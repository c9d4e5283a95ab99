"""People at a door: an organization with a host name, and clients that are signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.test import Client, override_settings

from tests.ground import ALPINE, HARBORLINE, Ground

if TYPE_CHECKING:
    from quittance.identity.models import User

PASSWORD = "correct horse battery"


@contextmanager
def plain_files(folder: Path) -> Iterator[None]:
    """Serve static files by their plain names: a test needs no manifest."""
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=str(folder)):
        yield


@dataclass
class Door:
    """One organization's portal, as the outside sees it."""

    ground: Ground
    host: str

    def client(self) -> Client:
        """A browser that nobody is signed in at."""
        return Client(headers={"host": self.host})

    def person(
        self, *numbers: str, email: str = "dana@example.test", role: str = "",
        name: str = "Dana Okafor",
    ) -> User:  # fmt: skip
        """A person who may act for these customers, or staff."""
        from django.contrib.auth.hashers import make_password

        from quittance.identity.models import User
        from quittance.receivables.models import Contact, CustomerAccount
        from quittance.tenancy.rows import writing

        with writing():
            user = User.objects.create(
                email=email, name=name, staff_role=role, password=make_password(PASSWORD)
            )
            for account in CustomerAccount.objects.filter(number__in=numbers):
                Contact.objects.create(user=user, customer_account=account)
        return user

    def signed_in(
        self, *numbers: str, email: str = "dana@example.test", role: str = "",
        name: str = "Dana Okafor",
    ) -> Client:  # fmt: skip
        """A browser in which this new person is signed in."""
        self.person(*numbers, email=email, role=role, name=name)
        client = self.client()
        answer = client.post("/sign-in", {"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.content
        return client

    def buyer(self) -> Client:
        """A buyer of Harborline."""
        return self.signed_in(HARBORLINE)

    def stranger(self) -> Client:
        """A buyer of another customer."""
        return self.signed_in(ALPINE, email="luca@example.test")

    def clerk(self) -> Client:
        """One of the AR team."""
        return self.signed_in(email="priya@example.test", role="clerk")


@contextmanager
def make_door(ground: Ground, *, host: str = "") -> Iterator[Door]:
    """Give the ground's organization a host name of its own and a brand."""
    from quittance.branding.models import Brand
    from quittance.tenancy.models import Host
    from quittance.tenancy.rows import writing

    host = host or f"{ground.organization_id}.example.test"
    with writing():
        Host.objects.create(name=host, organization_id=ground.organization_id)
        Brand.objects.create(name="Northwind Traders", accent="#0b5563")
    yield Door(ground, host)


def begin_checkout(client: Client, *invoices: Any) -> str:
    """Tick these invoices and press Pay; return the address of the basket, without the step."""
    answer = client.post(
        "/invoices/pick",
        {"invoice": [str(each.pk) for each in invoices], "shown": [], "pay": ""},
    )
    assert answer.status_code == 303, answer.content
    return str(answer["Location"]).removesuffix("/amounts")


def fields_of(content: bytes) -> dict[str, str]:
    """Every input of the main form with its value, as the page shows it; choices only if made."""
    inputs = re.findall(r"<input[^>]*>", content.decode())
    choice = re.compile(r'type="(checkbox|radio)"')
    sent = [each for each in inputs if not choice.search(each) or " checked" in each]
    found = [re.search(r'name="([^"]+)".*value="([^"]*)"', each) for each in sent]
    return {each[1]: each[2] for each in found if each}


def confirm(client: Client, basket: str, **amounts: str) -> Any:
    """Go through the three steps with the given amounts (by invoice id); return the last answer."""
    fields = fields_of(client.get(f"{basket}/amounts").content)
    fields |= {f"amount-{id_}": amount for id_, amount in amounts.items()}
    answer = client.post(f"{basket}/amounts", fields)
    assert answer.status_code == 303, answer.content
    fields = fields_of(client.get(f"{basket}/method").content)
    answer = client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    assert answer.status_code == 303, answer.content
    fields = fields_of(client.get(f"{basket}/review").content)
    return client.post(f"{basket}/pay", fields)
