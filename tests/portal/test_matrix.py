"""The table of buyers' roles, the page that shows it, and what every address answers are one."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern

from quittance.identity.permissions import BUYER_TABLE, BuyerPermission, BuyerRole
from quittance.portal.urls import urlpatterns
from tests.portal.doors import Door
from tests.portal.roles import as_role
from tests.portal.test_access import MISSING, address

ALL = {
    (role, permission): permission in BUYER_TABLE[role]
    for role in BuyerRole.values
    for permission in BuyerPermission
}


def shown(content: bytes) -> dict[tuple[str, str], bool]:
    """What a page with the matrix says: role and permission, and whether it is allowed."""
    cells = re.findall(
        r'<td data-role="([^"]*)" data-permission="([^"]*)">.*?<span class="vh">(yes|no)</span>',
        content.decode(),
    )
    assert cells
    return {(role, permission): word == "yes" for role, permission, word in cells}


def lets_in(client: Client, pattern: URLPattern) -> bool:
    """Whether the page is opened, or where only a form may, takes one."""
    where = address(pattern, MISSING)
    answer = client.get(where)
    if answer.status_code == 405:
        answer = client.post(where)
    answer.close()  # a table that is written as it is read
    assert answer.status_code < 500, where
    assert "/sign-in" not in answer.headers.get("Location", ""), where
    return answer.status_code != 403


def test_the_page_shows_the_table(door: Door) -> None:
    assert shown(as_role(door, "view").get("/team/roles").content) == ALL


@pytest.mark.slow
@pytest.mark.parametrize("role", BuyerRole.values)
def test_every_address_answers_as_the_table_says(role: str, door: Door) -> None:
    client = as_role(door, role)
    asked = [each for each in urlpatterns if each.callback.permission in set(BuyerPermission)]  # type: ignore[attr-defined]

    wrong = [
        each.name
        for each in asked
        if lets_in(client, each) != (each.callback.permission in BUYER_TABLE[role])  # type: ignore[attr-defined]
    ]

    assert len(asked) > 70
    assert wrong == []
