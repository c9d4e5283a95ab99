"""What waits for a second person in a browser: light, dark, right to left, on phones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from quittance.backoffice.transfers.changes import draft_account, packed
from quittance.confirmations.models import Confirmation, Kind
from quittance.confirmations.requests import Wish, ask, confirm
from quittance.confirmations.rules import switch_on
from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.transfers.accounts import Told
from quittance.visits.confirmed import ask_to_look
from tests.browser.conftest import Site
from tests.browser.looks import WIDE, complaints, look_everywhere
from tests.ground import HARBORLINE, World, make_ground
from tests.portal.doors import make_door
from tests.transfers.bank import IBAN, bank_account


@pytest.fixture(scope="module")
def site(world: World, server: int, browser: Browser) -> Iterator[Site]:
    """A changed and a new bank account that wait, and a look that was confirmed."""
    with (
        make_ground(world) as ground,
        make_door(ground, host=f"{ground.organization_id}.localhost") as door,
    ):
        door.person(email="mia@example.test", role="manager", name="Mia Santos")
        door.person(email="mo@example.test", role="manager", name="Mo Lindqvist")
        for name in ("ada", "ines"):
            door.person(email=f"{name}@example.test", role="administrator", name=name)
        _fill()
        yield Site(door, f"http://{door.host}:{server}", browser)


def _fill() -> None:
    with reading():
        entity = LegalEntity.objects.get()
        mia, mo = (User.objects.get(email=f"{name}@example.test") for name in ("mia", "mo"))
        harborline = CustomerAccount.objects.get(number=HARBORLINE)
    told = Told(owner="Northwind Traders", bank_name="First Bank", iban=IBAN, currency="EUR",
                street="High Street", town="Bern", country="CH")  # fmt: skip
    with reading():
        draft = draft_account(entity, told, row=None, is_active=True)
    with writing():
        switch_on(["bank_accounts", "visits"])
        ask(Wish(
            kind=Kind.BANK_ACCOUNTS, about="x", subject_id=draft.account_id, shown=draft.shown,
            title=f"New bank account {draft.name}", content=packed(draft), note="By letter",
        ), by=mo)  # fmt: skip
        ask_to_look(mia, harborline, title="Look at the portal as Harborline",
                    reason="Asked where the credit is", ticket="T-88")  # fmt: skip
        look = Confirmation.objects.get(kind=Kind.VISITS)
        confirm(look.pk, by=mo, fingerprint=look.fingerprint)


@pytest.fixture
def desk(site: Site) -> Iterator[Page]:
    """A page at which a manager is signed in."""
    context = site.context(viewport=WIDE)
    page = context.new_page()
    site.sign_in(page, "mia@example.test")
    yield page
    context.close()


def test_every_page_of_a_second_person_can_be_used_by_everybody(site: Site, desk: Page) -> None:
    found: list[str] = []
    account = bank_account(site.door.ground)
    with reading():
        asked = Confirmation.objects.get(kind=Kind.BANK_ACCOUNTS)
    with complaints(desk, found):
        for path in ("confirmations", f"confirmations/{asked.pk}", "visits", "bank",
                     f"bank/accounts/{account.pk}"):  # fmt: skip
            look_everywhere(desk, found, f"{site.address}/office/{path}")

    assert found == []
