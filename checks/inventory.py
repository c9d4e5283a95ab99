"""The inventory of the payment page has the hash of each file, and the policy that the code sends.

``python -m checks.inventory`` writes the hashes anew, after somebody has changed a file of ours.
What pages load and with which headers they come, tests/payment_page looks at.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from quittance.gateways.facts import Origins
from quittance.payment_page.inventory import (
    FIELDS,
    FILE,
    LINK,
    Own,
    hash_of,
    inventory,
    read_of_gateway,
)
from quittance.ui.policy import policy

_ROOT: Final = Path(__file__).resolve().parent.parent
_RENEW: Final = "see what changed, then run: python -m checks.inventory"
_MADE_UP: Final = Origins(
    script=("https://s.example",), frame=("https://f.example",), connect=("https://c.example",),
    image=("https://i.example",),
)  # fmt: skip


def complaints(root: Path) -> list[str]:
    """One line for each file or directive that is not as the inventory says."""
    return [
        *(f"{file}: {name} has another hash; {_RENEW}" for file, name, _, _ in _stale(root)),
        *_policies(),
    ]


def write(root: Path) -> int:
    """Put the hashes of today's files into the inventory; return how many were others."""
    stale = list(_stale(root))
    for file, name, before, after in stale:
        entry = re.compile(
            rf'((?:file|module) = "{re.escape(name)}"\n(?:kind = .*\n)?sha256 = )".*"'
        )
        text = file.read_text("utf-8")
        assert before in text
        file.write_text(entry.sub(rf'\g<1>"{after}"', text), "utf-8")
    return len(stale)


def _stale(root: Path) -> Iterator[tuple[Path, str, str, str]]:
    for own in inventory().own:
        now = hash_of(_source_of(root, own).read_bytes(), kind=own.kind)
        if own.sha256 != now:
            yield root / FILE.relative_to(_ROOT), own.file, own.sha256, now
    for file in sorted((root / "quittance/gateways").glob("*/page.toml")):
        part = read_of_gateway(file.read_text("utf-8"))
        now = hashlib.sha256(file.with_name(part.module).read_bytes()).hexdigest()
        if part.sha256 != now:
            yield file, part.module, part.sha256, now


def _source_of(root: Path, own: Own) -> Path:
    found = next(root.glob(f"quittance/*/static/{own.file}"), None)
    if found is not None:
        return found
    package = importlib.util.find_spec(own.file.partition("/")[0])
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError(f"the inventory has {own.file}, and nobody brings it along")
    return Path(package.submodule_search_locations[0]) / "static" / own.file


def _policies() -> Iterator[str]:
    widened = policy(
        script_src=_MADE_UP.script, frame_src=_MADE_UP.frame, connect_src=_MADE_UP.connect,
        img_src=_MADE_UP.image,
    )  # fmt: skip
    for page, sent, origins in ((LINK, policy(), Origins()), (FIELDS, widened, _MADE_UP)):
        told = {
            name: frozenset(sources)
            for name, *sources in (part.split() for part in sent.split(";"))
        }
        wanted = inventory().policy_of(page, origins)
        for name in sorted(told.keys() | wanted.keys()):
            if told.get(name) != wanted.get(name):
                yield f"{FILE.name}: the policy of {page} sends another {name}: see ui/policy.py"


if __name__ == "__main__":
    print(f"{write(_ROOT)} hashes written; have somebody else look at them.")
    sys.exit(0)
