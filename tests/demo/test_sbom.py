"""The bill of materials says what the lock pins, all of it, and nothing else."""

from __future__ import annotations

import json
import re
import uuid

import pytest

from demo.sbom import LOCK, bill, pins_of, plain

TEXT = LOCK.read_text("utf-8")
HASH = "a" * 64


def test_every_package_of_the_lock_is_in_the_bill_with_every_hash() -> None:
    said = bill(TEXT)

    told = {f"{each['name']}=={each['version']}" for each in said["components"]}
    assert told == {
        f"{plain(name)}=={version}"
        for name, version in re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", TEXT, re.MULTILINE)
    }
    hashes = [each["content"] for part in said["components"] for each in part["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", TEXT))


def test_what_is_installed_has_a_licence_and_says_what_it_needs() -> None:
    said = bill(TEXT)

    needs = {each["ref"].partition("@")[0]: each["dependsOn"] for each in said["dependencies"]}
    assert any("/asgiref@" in each for each in needs["pkg:pypi/django"])
    assert [each["name"] for each in said["components"] if "licenses" not in each] == []
    for each in said["dependencies"]:
        assert len(set(each["dependsOn"])) == len(each["dependsOn"])
    refs = {each["bom-ref"] for each in said["components"]}
    assert {one for each in said["dependencies"] for one in each["dependsOn"]} <= refs
    assert len(refs) == len(said["components"])


def test_the_same_lock_makes_the_same_bill_with_a_number_of_its_own() -> None:
    assert json.dumps(bill(TEXT)) == json.dumps(bill(TEXT))
    more = f"nobody-knows-it==1.0 \\\n    --hash=sha256:{HASH}\n"
    numbers = {bill(text)["serialNumber"] for text in (TEXT, TEXT + more)}
    assert len(numbers) == 2
    assert all(uuid.UUID(each.removeprefix("urn:uuid:")) for each in numbers)


def test_what_is_not_installed_is_in_the_bill_all_the_same() -> None:
    (part,) = bill(
        f"Nobody_Knows.it[more]==1.0 ; python_version < '4' \\\n --hash=sha256:{HASH}\n"
    )["components"]

    assert (part["purl"], part["scope"]) == ("pkg:pypi/nobody-knows-it@1.0", "optional")
    assert part["properties"][0]["value"] == "python_version < '4'"
    assert "licenses" not in part


@pytest.mark.parametrize("line", ["django", "django>=5", "django==5.2", "-e .", "./some/folder"])
def test_a_line_that_pins_nothing_by_hash_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not pinned"):
        pins_of(f"{line}\n")
