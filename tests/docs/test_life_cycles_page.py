"""The page of life cycles is what the code's tables draw."""

from __future__ import annotations

from docs.life_cycles import PAGE, lives, page


def test_the_page_is_as_the_code_draws_it() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m docs.life_cycles"


def test_every_status_of_every_life_says_who_has_the_next_move() -> None:
    found = list(lives())

    assert [life.name for life in found] == [
        "Payment", "Attempt", "Allocation", "Credit use", "Reversal", "Dispute", "Posting",
        "Finding", "Announcement", "Bank entry", "Kept method", "Invoice dispute",
        "Saving", "Approval request", "Join request",
        "Confirmation",
    ]  # fmt: skip
    for life in found:
        assert set(life.steps) == set(life.next_moves), life.name


def test_every_step_of_a_life_is_drawn_once() -> None:
    drawn = page().splitlines()

    for life in lives():
        for status, after in life.steps.items():
            for each in after:
                assert f"    {status} --> {each}" in drawn, life.name


def test_the_database_keeps_the_steps_that_the_page_draws(database: None) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT subject_kind, from_status, to_status FROM audit_legal_step")
        kept = set(cursor.fetchall())

    assert kept == {
        (life.name.lower().replace(" ", "_"), status, each)
        for life in lives()
        for status, after in life.steps.items()
        for each in after
    }
