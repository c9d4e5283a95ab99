"""Pages that ask the ERP are braked: it is the way that payments are posted by."""

from __future__ import annotations

from uuid import uuid4

from quittance.portal.brake import MOST, WINDOW_SECONDS, Brake
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


def test_so_many_looks_fit_into_any_minute_and_no_more() -> None:
    brake, person = Brake(), uuid4()

    allowed = [each for each in range(600) if brake.seconds_to_wait(person, float(each)) == 0]
    minutes = [
        sum(begin <= each < begin + WINDOW_SECONDS for each in allowed) for begin in range(540)
    ]
    assert max(minutes) == min(minutes) == MOST


def test_the_wait_that_is_told_is_enough() -> None:
    brake, person = Brake(), uuid4()
    for second in range(MOST):
        assert brake.seconds_to_wait(person, float(second)) == 0

    wait = brake.seconds_to_wait(person, 30.0)

    assert wait == WINDOW_SECONDS - 30
    assert brake.seconds_to_wait(person, 30.0 + wait - 0.5) > 0
    assert brake.seconds_to_wait(person, 30.0 + wait) == 0


def test_who_has_not_looked_for_a_minute_is_forgotten() -> None:
    brake, people = Brake(), [uuid4() for _ in range(50)]
    for each in people:
        brake.seconds_to_wait(each, 0.0)

    brake.seconds_to_wait(people[0], WINDOW_SECONDS + 1)

    assert list(brake._looks) == [people[0]]
