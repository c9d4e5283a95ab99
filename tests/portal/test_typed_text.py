"""What people type is a parameter of a statement, never a part of its text (I4)."""

from __future__ import annotations

from tests.injected import put_everywhere
from tests.portal.doors import Door
from tests.portal.walk import fill, walk


def test_nothing_that_a_buyer_types_is_in_the_text_of_a_statement(door: Door) -> None:
    client = door.buyer()
    pages = [each for each in walk(client, fill(door)) if each.is_page]

    seen = put_everywhere(client, pages)

    assert (seen.in_text, seen.broke) == (set(), set())
    assert seen.sent > 120
    assert seen.statements > 5 * seen.sent  # they were looked for, and most did not end at the door
