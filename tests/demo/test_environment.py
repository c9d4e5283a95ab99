"""The environment is made once, and again only when a lock changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from demo import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with locks, a working .venv, and a list of what would have been installed."""
    for name in environment.LOCKS:
        (tmp_path / f"{name}.lock").write_text(f"# {name}")
    locks = {name: tmp_path / f"{name}.lock" for name in environment.LOCKS}
    monkeypatch.setattr(environment, "LOCKS", locks)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "UV", tmp_path / ".uv")
    monkeypatch.setattr(environment, "CLIENTS", tmp_path / ".clients")
    monkeypatch.setattr(environment, "_make_uv", lambda: None)
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    locks: list[str] = []
    monkeypatch.setattr(environment, "_install", lambda lock, _: locks.append(lock.name))
    return locks


def test_a_second_start_installs_nothing(checkout: Path, installed: list[str]) -> None:
    environment.main("runtime")
    environment.main("runtime")

    assert installed == ["runtime.lock"]


def test_a_changed_lock_is_installed_again(checkout: Path, installed: list[str]) -> None:
    environment.main("runtime")
    (checkout / "runtime.lock").write_text("# another")
    environment.main("runtime")

    assert installed == ["runtime.lock", "runtime.lock"]


def test_the_demo_needs_no_tools_for_tests(checkout: Path, installed: list[str]) -> None:
    environment.main("runtime")
    (checkout / "dev.lock").write_text("# another")
    environment.main("runtime")

    assert installed == ["runtime.lock"]


def test_tools_for_tests_stay_when_the_demo_starts(checkout: Path, installed: list[str]) -> None:
    environment.main("dev")
    environment.main("runtime")
    (checkout / "runtime.lock").write_text("# another")
    environment.main("runtime")

    assert installed == ["dev.lock", "dev.lock"]


def test_an_interrupted_install_is_done_again(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(lock: Path, into: Path) -> None:
        raise environment.NotPossible("The network is down.")

    monkeypatch.setattr(environment, "_install", fail)
    with pytest.raises(SystemExit, match="network is down"):
        environment.main("runtime")

    assert not (checkout / ".venv" / "quittance-stamp.json").exists()


def test_a_broken_environment_is_made_anew(checkout: Path, installed: list[str]) -> None:
    environment.main("runtime")
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    environment.main("runtime")

    assert installed == ["runtime.lock", "runtime.lock"]
    assert python.exists()


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "OLDEST", (99, 0))

    with pytest.raises(SystemExit, match=r"Python 99\.0 or newer is needed"):
        environment.main("runtime")


def test_a_python_without_its_venv_part_is_told_what_to_install(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(venv, "create", fail)

    with pytest.raises(SystemExit, match=r"apt-get install --yes python3\.\d+-venv"):
        environment.main("runtime")


def test_it_runs_on_a_bare_python(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "demo", tmp_path / "demo")

    bare = subprocess.run(
        [sys.executable, "-S", "-c", "import demo.environment"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert bare.returncode == 0, bare.stderr


def test_every_locked_package_has_a_hash() -> None:
    for lock in environment.LOCKS.values():
        lines = lock.read_text().replace("\\\n", " ").splitlines()
        packages = [line for line in lines if line and not line.startswith(("#", " "))]
        assert packages
        assert [line for line in packages if "--hash=sha256:" not in line] == []


def test_the_stamp_says_what_was_installed(checkout: Path, installed: list[str]) -> None:
    environment.main("dev")

    stamp = json.loads((checkout / ".venv" / "quittance-stamp.json").read_text())
    assert set(stamp) == {"runtime", "dev"}


def test_strangers_clients_have_an_environment_of_their_own(
    checkout: Path, installed: list[str]
) -> None:
    environment.main("dev")
    environment.main("clients")
    environment.main("clients")

    assert installed == ["dev.lock", "clients.lock"]
    stamp = json.loads((checkout / ".clients" / "quittance-stamp.json").read_text())
    assert set(stamp) == {"clients"}
