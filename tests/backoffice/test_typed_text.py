"""What the seller's team types is a parameter of a statement, never a part of its text (I4)."""

from __future__ import annotations

from tests.backoffice.walk import fill, walk
from tests.injected import put_everywhere
from tests.portal.doors import Door


def test_nothing_that_the_team_types_is_in_the_text_of_a_statement(door: Door) -> None:
    client, given = fill(door)
    pages = [each for each in walk(client, given) if each.is_page]

    seen = put_everywhere(client, pages)

    assert (seen.in_text, seen.broke) == (set(), set())
    assert seen.sent > 120
    assert seen.statements > 5 * seen.sent
