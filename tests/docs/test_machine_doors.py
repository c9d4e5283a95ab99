"""Every door of machines is described, and nothing else is; a description that is wrong is seen."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator

from quittance.vitals.door import ANSWERS
from tests import described
from tests.described import DOORS, METHODS
from tests.intruder.addresses import routes

ROOMS = ("webhooks:", "scim:")
# Whatever else stands below /scim/v2/: an address of no door, answered 404.
NO_DOOR = {"scim:nothing"}


def _doors() -> set[str]:
    """Every address of the machines' rooms, as OpenAPI writes it."""
    found = [each for each in routes() if each.name.startswith(ROOMS)]
    kept = {each.route for each in found if each.name not in NO_DOOR}
    return {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in kept} | set(ANSWERS)


def test_every_door_of_machines_is_described_and_no_other() -> None:
    assert len(_doors()) > 15
    assert _doors() == set(DOORS["paths"])


def test_every_act_has_a_name_of_its_own_a_sentence_and_a_tag() -> None:
    acts = [
        act for item in DOORS["paths"].values() for name, act in item.items() if name in METHODS
    ]
    names = [act["operationId"] for act in acts]

    assert len(names) == len(set(names)) > 20
    assert [act["operationId"] for act in acts if not act["summary"].endswith(".")] == []
    assert {tag for act in acts for tag in act["tags"]} == {each["name"] for each in DOORS["tags"]}


def test_every_schema_is_one() -> None:
    for schema in DOORS["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (200, {"Content-Type": "application/json"}, b'{"process": "ok"}', ""),
        (200, {"Content-Type": "application/json"}, b'{"process": "well"}', "was expected"),
        (200, {"Content-Type": "application/json"}, b'{"process": "ok", "host": "a"}', "host"),
        (200, {"Content-Type": "text/html"}, b"<p>", "text/html is not described"),
        (500, {"Content-Type": "text/html"}, b"<p>", "500 is not described"),
        (405, {"Content-Type": "text/plain"}, b"No.", "Allow is missing"),
    ],
)
def test_an_answer_that_is_not_described_is_seen(
    status: int, headers: dict[str, str], body: bytes, said: str
) -> None:
    wrong = described.unlike("GET", "/health", status, headers, body)

    assert said in str(wrong)
    assert bool(wrong) == bool(said)
