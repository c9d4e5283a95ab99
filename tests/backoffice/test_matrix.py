"""The table of staff's roles, the page that shows it, and what every address answers are one."""

from __future__ import annotations

import pytest

from quittance.backoffice.team.words import staffs_matrix
from quittance.backoffice.urls import urlpatterns
from quittance.identity.permissions import STAFF_TABLE, Permission
from quittance.identity.role_words import buyers_matrix
from tests.backoffice.test_access import knock
from tests.portal.doors import Door
from tests.portal.test_matrix import ALL, shown

STAFF = {
    (role, permission): permission in STAFF_TABLE[role]
    for role in STAFF_TABLE
    for permission in Permission
}


@pytest.mark.parametrize("role", STAFF_TABLE)
def test_the_page_shows_both_tables_to_all_staff(role: str, door: Door) -> None:
    page = door.signed_in(email="one@example.test", role=role).get("/office/roles")

    assert shown(page.content) == STAFF | ALL


def test_every_permission_and_every_role_has_its_words() -> None:
    for matrix in (staffs_matrix(), buyers_matrix()):
        words = [row.words for row in matrix.rows] + [word for _role, word in matrix.roles]
        assert all(words)
        assert len(set(words)) == len(words)


@pytest.mark.slow
@pytest.mark.parametrize("role", STAFF_TABLE)
def test_every_address_answers_as_the_table_says(role: str, door: Door) -> None:
    client = door.signed_in(email="one@example.test", role=role)

    wrong = []
    for each in urlpatterns:
        answer = knock(client, each)
        answer.close()
        assert answer.status_code < 500, each.name
        let_in = hasattr(answer.wsgi_request, "frame")  # else it is as if there were no such page
        if let_in != (each.callback.permission in STAFF_TABLE[role]):  # type: ignore[attr-defined]
            wrong.append(each.name)

    assert len(urlpatterns) >= 90
    assert wrong == []
