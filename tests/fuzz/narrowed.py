"""The description, narrowed to what is there, so that not every question ends at a 404."""

from __future__ import annotations

import collections
import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from demo.children import ROOT, ChildDied
from demo.world import World
from tests.described import DOORS

# Both are described as not done here: 501 is their answer.
CONFIG: Final = """
[[operations]]
include-operation-id = ["search", "bulk"]

[operations.checks.not_a_server_error]
expected-statuses = ["2xx", "4xx", 501]
"""


def prepared(house: World) -> dict[str, Any]:
    """Make a connection with people and groups; return its ids, its token and the hooks' paths."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.directory"], capture_output=True, text=True,
        check=False, cwd=ROOT, env=house.inside,
    )  # fmt: skip
    if said.returncode:
        raise ChildDied(f"the directory could not be made: {said.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def description(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the description with ids that are there beside those that are not."""
    doors = copy.deepcopy(DOORS)
    parts = doors["components"]
    parameters, schemas = parts["parameters"], parts["schemas"]
    parameters["Provider"]["schema"] = {"enum": [facts["provider"]]}
    parameters["HookPath"]["schema"] = {"enum": [facts["gateway"], facts["erp"], "nobody"]}
    row = parameters["Row"]["schema"]
    parameters["Row"]["schema"] = {"anyOf": [{"enum": facts["rows"]}, row]}
    names = parameters["Name"]["schema"]
    known = ["User", "Group", *(f"urn:ietf:params:scim:schemas:core:2.0:{n}" for n in ("User",))]
    parameters["Name"]["schema"] = {"anyOf": [{"enum": known}, names]}
    said = schemas["UserSaid"]["properties"]
    ours = {"type": "string", "pattern": rf"^[a-z]{{1,12}}@{facts['domain']}$"}
    said["userName"] = {"anyOf": [ours, said["userName"]]}
    notice = schemas["Notifications"]["properties"]["value"]["items"]["properties"]
    notice["clientState"] = {"anyOf": [{"enum": [facts["hint"]]}, {"type": "string"}]}
    member = schemas["Member"]["properties"]
    member["value"] = {"anyOf": [{"enum": facts["rows"]}, {"type": "string"}]}
    return doors


def answers(events: Path) -> dict[str, int]:
    """Return how many answers there were of each status, out of the events of schemathesis."""
    count: collections.Counter[str] = collections.Counter()
    for line in events.read_text("utf-8").splitlines() if events.exists() else []:
        _count(json.loads(line), count)
    return dict(sorted(count.items()))


def _count(said: Any, count: collections.Counter[str]) -> None:
    if isinstance(said, dict):
        response = said.get("response")
        if isinstance(response, dict) and "status_code" in response:
            count[str(response["status_code"])] += 1
        for each in said.values():
            _count(each, count)
    elif isinstance(said, list):
        for each in said:
            _count(each, count)
