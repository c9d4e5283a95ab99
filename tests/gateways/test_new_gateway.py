"""``quittance new-gateway`` writes a package that keeps the contract before anybody touched it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from quittance.gateways import registry
from quittance.project import new_gateway

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_written_keeps_the_contract_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {name: value for name, value in os.environ.items() if "QUITTANCE" not in name}
    command = [sys.executable, "-m", "quittance", "new-gateway", "acme_pay", "--into", tmp_path]
    subprocess.run(command, cwd=ROOT, env=here, check=True, capture_output=True)
    folder = tmp_path / "quittance-acme-pay"

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        check=False, cwd=folder, env={**here, "PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed[1]) > 20
    monkeypatch.syspath_prepend(folder)
    info = folder / "quittance_acme_pay-0.1.0.dist-info"  # as an installer leaves it
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: quittance-acme-pay\nVersion: 0.1\n"
    )
    points = "[quittance.gateways]\nacme_pay = quittance_acme_pay:ADAPTER\n"
    (info / "entry_points.txt").write_text(points)
    assert points.split("\n")[1].replace("= q", '= "q') in (folder / "pyproject.toml").read_text()
    settings = {"address": "http://127.0.0.1:9", "api_key": "k", "webhook_secret": "s"}
    with httpx.Client() as client:
        opened = registry.open_gateway("acme_pay", settings, client)
    assert opened.capabilities.methods == ("card",)
    assert registry.label("acme_pay") == "Acme Pay"


@pytest.mark.parametrize("name", ["Acme", "1acme", "acme pay", "../acme", "acme__pay", ""])
def test_a_name_that_no_module_can_have_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        new_gateway.run([name, "--into", str(tmp_path)])

    assert ended.value.code == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    new_gateway.run(["acme", "--into", str(tmp_path)])
    file = tmp_path / "quittance-acme/README.md"
    file.write_text("mine")

    with pytest.raises(SystemExit):
        new_gateway.run(["acme", "--into", str(tmp_path)])

    assert file.read_text() == "mine"
