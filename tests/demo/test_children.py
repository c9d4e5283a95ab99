"""The programs of the demo start, are watched, and end with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo import children, ports

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(grandchild.pid, flush=True)
time.sleep(600)
"""


def module(folder: Path, name: str, source: str) -> dict[str, str]:
    """An environment in which ``python -m NAME`` runs the source."""
    (folder / f"{name}.py").write_text(source)
    return {**os.environ, "PYTHONPATH": str(folder)}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 10
    while not (path.exists() and path.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return path.read_text()


def test_a_server_runs_until_the_block_ends(tmp_path: Path) -> None:
    port = ports.free_port()
    serve = ["http.server", str(port), "--bind", ports.HOST, "--directory", str(tmp_path)]

    with children.running(
        "files", serve, log=tmp_path / "files.log", environment=os.environ
    ) as child:
        children.wait_for_answer(child, port)
        assert not ports.is_free(port)

    assert child.process.returncode is not None
    assert not ports.answers(port)


def test_who_dies_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    environment = module(tmp_path, "broken", "print('the key is missing'); raise SystemExit(3)")

    with pytest.raises(children.ChildDied) as died:
        children.run("worker", ["broken"], log=tmp_path / "worker.log", environment=environment)

    assert "worker ended with exit code 3" in str(died.value)
    assert "the key is missing" in str(died.value)


def test_who_is_killed_is_named_with_the_signal(tmp_path: Path) -> None:
    source = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    environment = module(tmp_path, "killed", source)

    with pytest.raises(children.ChildDied, match="web ended by signal SIGKILL"):
        children.run("web", ["killed"], log=tmp_path / "web.log", environment=environment)


def test_who_never_answers_is_named(tmp_path: Path) -> None:
    environment = module(tmp_path, "sleepy", "import time; time.sleep(600)")

    with (
        children.running(
            "web", ["sleepy"], log=tmp_path / "web.log", environment=environment
        ) as child,
        pytest.raises(children.ChildDied, match="did not answer on port"),
    ):
        children.wait_for_answer(child, ports.free_port(), seconds=0.3)


def test_who_does_not_stop_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.3)
    environment = module(tmp_path, "stubborn", STUBBORN)
    log = tmp_path / "stubborn.log"

    with children.running("stubborn", ["stubborn"], log=log, environment=environment) as child:
        grandchild = int(wait_for(log))
        assert is_alive(grandchild)

    deadline = time.monotonic() + 5
    while is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(grandchild)
    assert not is_alive(child.process.pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of it")
def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    source = (
        "import os, sys, time; from pathlib import Path; from demo import children\n"
        "with children.running('sleepy', ['sleepy'], log=Path(sys.argv[1]),"
        " environment=os.environ) as child:\n"
        "    print(child.process.pid, flush=True); time.sleep(600)"
    )
    environment = module(tmp_path, "sleepy", "import time; time.sleep(600)")
    supervisor = subprocess.Popen(
        [sys.executable, "-c", source, str(tmp_path / "sleepy.log")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    assert is_alive(pid)

    supervisor.send_signal(signal.SIGKILL)
    supervisor.communicate()

    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)
