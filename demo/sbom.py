"""Writes what we stand on as a CycloneDX 1.6 bill of materials: ``python -m demo.sbom``.

From the lock; and of what is installed as the lock says, licence and dependencies from the packages
themselves. The same lock and environment make the same bytes. Standard library only. Source:
cyclonedx.org/docs/1.6/json; addresses of packages: github.com/package-url/purl-spec.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
_PIN: Final = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]*))?"
)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of the lock, with the hash of every file of it that may be installed."""

    name: str  # as PEP 503 writes it
    version: str
    marker: str  # where it is needed; "" everywhere
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its address in every tool that knows packages."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins_of(text: str) -> list[Pin]:
    """Return what a lock pins. Raises ``ValueError`` for a line that pins nothing."""
    found = []
    for entry in text.replace("\\\n", " ").splitlines():
        line = entry.strip()
        if not line or line.startswith("#"):
            continue
        pin = _PIN.match(line)
        hashes = tuple(sorted(_HASH.findall(line)))
        if not pin or not hashes:
            raise ValueError(f"not pinned by hash: {line[:80]}")
        marker = (pin[3] or "").partition("--hash")[0].strip()
        found.append(Pin(plain(pin[1]), pin[2], marker, hashes))
    return sorted(found, key=lambda each: (each.name, each.version))


def bill(text: str) -> dict[str, Any]:
    """Return the bill of materials for a lock."""
    pins = pins_of(text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    own = f"pkg:generic/{project['name']}@{project['version']}"
    installed = {each.name: _installed(each) for each in pins}
    purls = {each.name: each.purl for each in pins}
    needs = {each.purl: sorted({*_needs(installed[each.name], purls)}) for each in pins}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own + text)}",
        "metadata": {"component": {
            "type": "application", "bom-ref": own, "purl": own, "name": project["name"],
            "version": project["version"], "licenses": [{"license": {"id": project["license"]}}],
        }},
        "components": [_component(each, installed[each.name]) for each in pins],
        "dependencies": [
            {"ref": own, "dependsOn": sorted(purls.values())},
            *({"ref": ref, "dependsOn": on} for ref, on in needs.items()),
        ],
    }  # fmt: skip


def plain(name: str) -> str:
    """Return a package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(pin: Pin, found: metadata.Distribution | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": "library", "bom-ref": pin.purl, "purl": pin.purl, "name": pin.name,
        "version": pin.version, "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
    }  # fmt: skip
    licences = list(_licences(found)) if found else []
    if licences:
        said["licenses"] = licences
    if pin.marker:
        said["scope"] = "optional"  # it is installed where the marker holds
        said["properties"] = [{"name": "quittance:marker", "value": pin.marker}]
    return said


def _licences(found: metadata.Distribution) -> Iterator[Mapping[str, Any]]:
    """An expression of SPDX where the package has one, else its own words."""
    headers = found.metadata
    for expression in headers.get_all("License-Expression") or []:
        yield {"expression": expression}
        return
    trove = [
        each.rpartition(" :: ")[2]
        for each in headers.get_all("Classifier") or []
        if each.startswith("License :: ")
    ]
    plainly = "".join(headers.get_all("License") or []).splitlines()[:1]
    words = trove or [line for line in plainly if line]
    yield from ({"license": {"name": each}} for each in words)


def _needs(found: metadata.Distribution | None, purls: Mapping[str, str]) -> Iterator[str]:
    """What of the lock the package names, extras aside."""
    for line in (found.requires or []) if found else []:
        name = _NAME.match(line)
        if name and "extra ==" not in line and plain(name[0]) in purls:
            yield purls[plain(name[0])]


def _installed(pin: Pin) -> metadata.Distribution | None:
    """Return the package if it is here, and as the lock says."""
    try:
        found = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return None
    return found if found.version == pin.version else None


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m demo.sbom")
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--into", type=Path, default=ROOT / "var" / "sbom.cdx.json")
    asked = parser.parse_args()
    said = bill(asked.lock.read_text("utf-8"))
    asked.into.parent.mkdir(parents=True, exist_ok=True)
    asked.into.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", "utf-8")
    named = sum(1 for each in said["components"] if "licenses" in each)
    print(f"{len(said['components'])} packages, {named} with a licence: {asked.into}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
