"""A company of Business Central that has what an e-invoice must say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.ground import HARBORLINE, Ground
from tests.receivables.by_api import call

_GERMAN = {"country": "DE", "taxRegistrationNumber": "DE123456789"}
ITEMS = (("NW-5104", 2), ("NW-6021", 3))  # both are taxed


@contextmanager
def german_books(ground: Ground, **changes: str) -> Iterator[None]:
    """Make the demo company a German one until the block ends: other tests print its card."""
    (card,) = call(ground, "GET", "companyInformation")["value"]
    path = f"companyInformation({card['id']})"
    before = {name: card[name] for name in _GERMAN}
    call(ground, "PATCH", path, _GERMAN | changes)
    try:
        yield
    finally:
        call(ground, "PATCH", path, before)


def taxed_invoice(ground: Ground, *, comment: str = "") -> Any:
    """An invoice all of whose lines are taxed, posted and read into the mirror."""
    draft = call(ground, "POST", "salesInvoices", {"customerNumber": HARBORLINE})
    lines = f"salesInvoices({draft['id']})/salesInvoiceLines"
    for number, quantity in ITEMS:
        line = {"lineType": "Item", "lineObjectNumber": number, "quantity": quantity}
        call(ground, "POST", lines, line)
    if comment:
        call(ground, "POST", lines, {"lineType": "Comment", "description": comment})
    posted = ground.world.clerk("post-document", document=draft["number"])
    return ground.read(posted["id"])
