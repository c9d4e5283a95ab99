"""Keys are long, the settings are fit to deploy, and a server may say that it is about to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured

from quittance.project.environment import env_secret

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["QUITTANCE_SECRET_KEY", "QUITTANCE_SECRET_KEY_FILE"])
def test_a_short_key_stops_the_start_and_is_not_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for length, good in ((49, False), (50, True)):
        key = "7k-" * 40
        file = tmp_path / "key"
        file.write_text(key[:length] + "\n")
        given = str(file) if name.endswith("FILE") else key[:length]
        monkeypatch.setenv(name, given)
        if good:
            assert env_secret("QUITTANCE_SECRET_KEY", at_least=50) == key[:50]
            continue
        with pytest.raises(ImproperlyConfigured, match="has 49 characters; it needs 50") as stop:
            env_secret("QUITTANCE_SECRET_KEY", at_least=50)
        assert key[:10] not in str(stop.value)


def _quittance(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quittance", *arguments],
        cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_settings_are_fit_to_deploy() -> None:
    long = "only-for-this-test-0123456789-" * 2
    arguments = ("check", "--deploy", "--fail-level", "WARNING")
    good = {"QUITTANCE_SECRET_KEY": long, "QUITTANCE_HTTPS": "1"}

    assert "no issues" in _quittance(*arguments, **good).stdout
    bad = _quittance(*arguments, **(good | {"QUITTANCE_HTTPS": "0"}))
    assert bad.returncode == 1
    assert "security.W012" in bad.stderr  # a session's cookie in the clear
    short = _quittance(*arguments, **(good | {"QUITTANCE_SECRET_KEY": long[:49]}))
    assert "QUITTANCE_SECRET_KEY has 49 characters; it needs 50." in short.stderr


@pytest.mark.slow
def test_a_server_that_is_to_end_says_so_and_serves_on_for_a_while(
    database: None, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = [sys.executable, "-m", "quittance", "serve", "--workers", "1", "--port", str(port)]
    place = {"QUITTANCE_STATIC_ROOT": str(tmp_path / "static"), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*serve, "--drain", "300"], cwd=ROOT, env=os.environ | place,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            assert _becomes(port, "/ready", 200)
            server.send_signal(signal.SIGTERM)
            assert _becomes(port, "/ready", 503)
            assert _becomes(port, "/health", 200)
            server.send_signal(signal.SIGTERM)
            server.wait(180)
        finally:
            server.kill()
    assert not list(tmp_path.glob("quittance-*/draining"))


def _becomes(port: int, path: str, status: int) -> bool:
    until = time.monotonic() + 180
    with httpx.Client(trust_env=False, timeout=10) as client:
        while time.monotonic() < until:
            try:
                if client.get(f"http://127.0.0.1:{port}{path}").status_code == status:
                    return True
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    return False
