"""Requests as Microsoft and Okta document them, with our domain in their addresses.

Sources: MicrosoftDocs/entra-docs, use-scim-to-provision-users-and-groups.md; okta-developer-docs,
reference/scim/scim-20. Tried against neither's real service.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.scim.directory import GROUP, PATCH, USER, Directory, user

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def entra(contoso: Directory) -> dict[str, Any]:
    """Have somebody join as Entra says it."""
    answer = contoso.http.post(
        "/Users",
        json={
            "schemas": [USER, _ENTERPRISE], "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Test_User_00aa00aa", "active": True,
            "emails": [{"primary": True, "type": "work", "value": "test_user@contoso.test"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "given family", "familyName": "family", "givenName": "given"},
            "roles": [], _ENTERPRISE: {"department": "Sales"},
        },
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


def okta(contoso: Directory) -> dict[str, Any]:
    """Have somebody join as Okta says it."""
    answer = contoso.http.post(
        "/Users",
        json={
            "schemas": [USER], "userName": "test.user@contoso.test",
            "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": True, "value": "test.user@contoso.test", "type": "work"}],
            "displayName": "Test User", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7",
            "groups": [], "password": "1mz050nq", "active": True,
        },
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


def test_entra_creates_finds_and_reads_a_user(contoso: Directory) -> None:
    made = entra(contoso)

    found = contoso.http.get("/Users", params={"filter": 'userName eq "Test_User_00aa00aa"'})
    assert found.json()["Resources"] == [contoso.http.get(f"/Users/{made['id']}").json()]
    assert made["name"]["formatted"] == "given family"
    assert user("test_user@contoso.test").name == "given family"
    nobody = contoso.http.get("/Users", params={"filter": 'userName eq "non-existent user"'})
    assert (nobody.status_code, nobody.json()["totalResults"]) == (200, 0)


def test_entra_changes_several_values(contoso: Directory) -> None:
    row = entra(contoso)["id"]

    answer = contoso.patch(
        "Users", row,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@contoso.test"},
        {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
        {"op": "Add", "path": f"{_ENTERPRISE}:department", "value": "Marketing"},
        {"op": "Replace", "path": "userName", "value": "5b50642d@contoso.test"},
    )  # fmt: skip

    said = answer.json()
    assert (answer.status_code, said["userName"]) == (200, "5b50642d@contoso.test")
    assert said["emails"][0]["value"] == "new@contoso.test"
    assert said["name"]["familyName"] == "updatedFamilyName"


@pytest.mark.parametrize(
    "step",
    [
        {"op": "Replace", "path": "active", "value": False},
        {"op": "Replace", "path": "active", "value": "False"},  # without the flag for SCIM 2.0
        {"op": "Add", "path": "active", "value": "False"},
        {"op": "Replace", "value": {"active": False, "title": "Former"}},
        {"op": "replace", "value": {f"{USER}:active": False}},
    ],
    ids=range(5),
)
def test_entra_disables_a_user(contoso: Directory, step: dict[str, Any]) -> None:
    row = entra(contoso)["id"]

    assert contoso.patch("Users", row, step).json()["active"] is False
    assert not user("test_user@contoso.test").is_active


def test_entra_keeps_a_group(contoso: Directory) -> None:
    row = entra(contoso)["id"]
    made = contoso.http.post(
        "/Groups",
        json={
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159", "displayName": "displayName",
            "meta": {"resourceType": "Group"},
        },
    )  # fmt: skip
    group, members = made.json()["id"], [{"$ref": None, "value": row}]

    answers = [
        contoso.patch("Groups", group, {"op": "Replace", "path": "displayName", "value": "new"}),
        contoso.patch("Groups", group, {"op": "Add", "path": "members", "value": members}),
    ]
    assert contoso.http.get(f"/Groups/{group}").json()["members"][0]["value"] == row
    answers += [
        contoso.patch("Groups", group, {"op": "Remove", "path": "members", "value": members}),
        contoso.http.delete(f"/Groups/{group}"),
    ]

    assert (made.status_code, {each.status_code for each in answers}) == (201, {204})


def test_okta_creates_a_user_once(contoso: Directory) -> None:
    made = okta(contoso)

    found = contoso.http.get(
        "/Users?filter=userName%20eq%20%22test.user%40contoso.test%22&startIndex=1&count=100"
    )
    assert found.json()["Resources"][0]["id"] == made["id"]
    assert (made["active"], made["externalId"]) == (True, "00ujl29u0le5T6Aj10h7")
    assert "password" not in made
    assert user("test.user@contoso.test").password == ""
    assert contoso.http.get("/Groups?startIndex=1&count=100").json()["Resources"] == []


def test_okta_replaces_a_user_with_what_it_read(contoso: Directory) -> None:
    row = okta(contoso)["id"]
    read = contoso.http.get(f"/Users/{row}").json()
    read["name"] = {"givenName": "Another", "middleName": "Excited", "familyName": "User"}
    read["groups"] = []

    answer = contoso.http.put(f"/Users/{row}", json=read)

    assert (answer.status_code, answer.json()["name"]["givenName"]) == (200, "Another")


def test_okta_deactivates_and_activates_a_user(contoso: Directory) -> None:
    row = okta(contoso)["id"]

    for active in (False, True):
        step = {"op": "replace", "value": {"active": active}}
        said = contoso.http.patch(f"/Users/{row}", json={"schemas": [PATCH], "Operations": [step]})
        assert said.json()["active"] is active
        assert user("test.user@contoso.test").is_active is active


def test_okta_keeps_a_group(contoso: Directory) -> None:
    row = okta(contoso)["id"]
    group = contoso.group("Test SCIMv2")["id"]

    named = {"op": "replace", "value": {"id": group, "displayName": "Test SCIMv20"}}
    added = {"op": "add", "path": "members", "value": [{"value": row, "display": "test.user"}]}
    removed = {"op": "remove", "path": f'members[value eq "{row}"]'}
    whole = {"op": "replace", "path": "members", "value": [{"value": row, "display": "t"}]}
    answers = [
        contoso.patch("Groups", group, named),
        contoso.patch("Groups", group, removed, added),
    ]
    answers.append(contoso.patch("Groups", group, whole))

    said = contoso.http.get(f"/Groups/{group}").json()
    assert {each.status_code for each in answers} == {204}
    assert (said["displayName"], said["members"][0]["value"]) == ("Test SCIMv20", row)
