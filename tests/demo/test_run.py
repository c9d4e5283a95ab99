"""``make demo`` says what it does, takes free ports, and runs once in a folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo import company, ports, run, world
from demo.roles import NotUsable

ROOT = Path(__file__).resolve().parents[2]


def test_everything_of_the_back_office_may_be_done_by_somebody_of_the_demo() -> None:
    from quittance.identity.models import User
    from quittance.identity.permissions import Permission, may

    seller = company.ORGANIZATION_ID
    staff = [
        User(organization_id=seller, name=name, staff_role=role)
        for _, _, name, role, _ in company.PEOPLE
        if role
    ]

    for permission in Permission:
        assert any(may(person, permission) for person in staff), permission
    assert not all(may(person, Permission.CONNECT) for person in staff)


def test_a_taken_port_is_named_and_the_next_free_one_used() -> None:
    said: list[str] = []
    with socket.socket() as other:
        other.bind((ports.HOST, ports.free_port()))
        other.listen()
        taken = other.getsockname()[1]

        chosen = world.choose_ports(said.append, usual=world.Ports(web=taken))

    assert chosen.web > taken
    assert said[0] == f"port {taken} is taken; web uses {chosen.web}"


def test_all_ports_differ() -> None:
    chosen = world.free_ports()

    assert len({getattr(chosen, name) for name in world.Ports.__slots__}) == 11


def test_a_second_demo_in_the_same_folder_is_told_of_the_first(tmp_path: Path) -> None:
    with run.alone(tmp_path / "demo"):
        second = subprocess.run(
            [sys.executable, "-m", "demo.run"],
            cwd=ROOT,
            env={**os.environ, "QUITTANCE_VAR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert second.returncode == 1
    assert f"A demo runs already in {tmp_path / 'demo'} (process {os.getpid()})" in second.stderr


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with run.alone(tmp_path / "demo"):
            pass


def test_a_reset_removes_everything_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    outside = tmp_path / "outside"
    outside.mkdir()
    kept = tmp_path / "demo" / "postgres"
    kept.mkdir(parents=True)
    (kept / "place").write_text(str(outside))

    run.reset(tmp_path / "demo")

    assert not outside.exists()
    assert not (tmp_path / "demo").exists()


def test_a_reset_leaves_a_given_database_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1/theirs")
    (tmp_path / "demo").mkdir()

    with pytest.raises(NotUsable, match="nothing was removed"):
        run.reset(tmp_path / "demo")

    assert (tmp_path / "demo").exists()


def test_the_welcome_names_every_address_and_every_sign_in(tmp_path: Path) -> None:
    facts = {
        "addresses": {"Buyer's portal": "http://fabrikam.localhost:8000"},
        "sign_ins": [
            {"who": "Buyer", "email": "b@example.com", "password": "pw", "address": "http://x"}
        ],
    }

    text = run.welcome(facts, tmp_path)

    for expected in ("Buyer's portal", "http://fabrikam.localhost:8000", "b@example.com", "pw"):
        assert expected in text
