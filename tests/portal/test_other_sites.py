"""Another site may lead somebody to a page of ours, and do nothing else with it."""

from __future__ import annotations

import pytest

from tests.portal.doors import Door

CROSS = {"Sec-Fetch-Site": "cross-site"}
GOING = {**CROSS, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize(
    "headers",
    [
        {**CROSS, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {**CROSS, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {**CROSS, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {**CROSS, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    ],
)
def test_a_script_or_a_frame_of_another_site_gets_nothing(
    door: Door, headers: dict[str, str]
) -> None:
    answer = door.buyer().get("/invoices.csv", headers=headers)

    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()


def test_who_comes_from_another_site_sees_the_page(door: Door) -> None:
    client = door.buyer()

    assert client.get("/invoices", headers=GOING).status_code == 200
    assert client.get("/invoices", headers={"Sec-Fetch-Site": "none"}).status_code == 200
    assert client.get("/invoices").status_code == 200  # a browser that does not say


def test_a_form_of_another_site_does_nothing_even_with_its_secret(door: Door) -> None:
    client = door.client()

    assert client.post("/theme", {"theme": "dark"}, headers=GOING).status_code == 403
    same = {**GOING, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/theme", {"theme": "dark", "then": "/"}, headers=same).status_code == 302


def test_what_has_another_proof_than_a_forms_secret_is_left_to_it(door: Door) -> None:
    assert door.client().post("/hooks/gateway/x", headers=CROSS).status_code == 404
