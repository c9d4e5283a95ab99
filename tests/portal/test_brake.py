"""Pages that ask the ERP are braked: it is the way that payments are posted by."""

from __future__ import annotations

from quittance.portal.brake import MOST, WINDOW_SECONDS
from tests.ground import HARBORLINE
from tests.portal.doors import Door

BRAKED = (
    "/statement", "/statement.pdf", "/statement.csv", "/statement.xlsx", "/orders", "/orders/SO-1",
)  # fmt: skip


def test_who_looks_too_often_waits_and_nobody_else_does(door: Door) -> None:
    client, colleague = door.buyer(), door.signed_in(HARBORLINE, email="eve@example.test")

    looks = [client.get("/orders").status_code for _ in range(MOST)]
    refused = [client.get(each) for each in BRAKED]

    assert set(looks) == {200}
    assert {each.status_code for each in refused} == {429}
    assert all(0 < int(each["Retry-After"]) <= WINDOW_SECONDS for each in refused)
    assert "Wait a minute" in refused[0].content.decode()
    assert client.get("/invoices").status_code == 200  # of the mirror alone
    assert colleague.get("/statement").status_code == 200
