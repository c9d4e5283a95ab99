"""Every import contract breaks when somebody breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house that may be damaged."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("quittance", "sandbox"):
        leave_out = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / folder, copy / folder, ignore=leave_out)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def contracts(house: Path) -> str:
    """What import-linter says of it."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_the_house_as_it_is_keeps_them_all(house: Path) -> None:
    said = contracts(house)

    assert "BROKEN" not in said
    assert "0 broken" in said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("quittance/ledger", "import quittance.payments", "Rooms import downwards only"),
        ("quittance/portal", "import quittance.backoffice", "Rooms import downwards only"),
        ("quittance/posting", "import quittance.receivables", "Rooms import downwards only"),
        ("quittance/gateways", "import django", "Adapters and the core know no Django"),
        ("quittance/core", "import psycopg", "Adapters and the core know no Django"),
        (
            "quittance/gateways/base",
            "import quittance.gateways.saved",
            "The gateways' port is read downwards",
        ),
        ("quittance/erp/base", "import quittance.erp.registry", "ERPs do not know each other"),
        (
            "quittance/connections",
            "import quittance.erp.business_central",
            "Nobody imports an adapter by its name",
        ),
        (
            "quittance/payments",
            "import quittance.gateways.registry",
            "Only connections opens adapters",
        ),
        (
            "quittance/backoffice",
            "import quittance.tenancy.seal",
            "Only connections, identity, sso and confirmations open secrets",
        ),
        ("quittance/core/errors", "import quittance.core.money", "Inside a room there are no"),
        ("quittance/portal", "import sandbox.gateway", "The sandbox and the portal meet over HTTP"),
        ("sandbox/gateway", "import quittance.core", "The sandbox and the portal meet over HTTP"),
        (
            "sandbox/gateway",
            "import sandbox.business_central",
            "The servers of the sandbox do not know each other",
        ),
    ],
)
def test_a_wrong_import_breaks_its_contract(
    house: Path, module: str, line: str, contract: str
) -> None:
    file = house / f"{module}.py"
    file = file if file.exists() else house / module / "__init__.py"
    before = file.read_text()
    file.write_text(f"{before}\n{line}\n")

    said = contracts(house)

    file.write_text(before)
    assert [each for each in said.splitlines() if each.startswith(contract) and "BROKEN" in each]


def test_a_new_room_must_be_given_its_place(house: Path) -> None:
    room = house / "quittance" / "cellar"
    room.mkdir()
    (room / "__init__.py").write_text("")

    said = contracts(house)

    shutil.rmtree(room)
    assert "cellar" in said
    assert "0 broken" not in said
