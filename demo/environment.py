"""Makes the virtual environments from the locked requirements, and only when a lock changed.

``python3 -m demo.environment runtime|dev|clients|fuzz|uv``. Runs on the bare system's Python:
standard library only. ``.uv`` holds the installer uv, itself locked by hash; if uv cannot reach the
packages, pip installs them, by the same hashes. ``.clients`` and ``.fuzz`` hold what others wrote
to call us, apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, UV = ROOT / ".venv", ROOT / ".uv"
CLIENTS, FUZZ = ROOT / ".clients", ROOT / ".fuzz"
LOCKS = {
    "runtime": ROOT / "requirements.lock",
    "dev": ROOT / "requirements-dev.lock",
    "uv": ROOT / "requirements-uv.lock",
    "clients": ROOT / "requirements-clients.lock",
    "fuzz": ROOT / "requirements-fuzz.lock",
}
OLDEST = (3, 11)
PROXY = (
    "The lines above say why.\nBehind a proxy or with a mirror, set pip up as usual "
    "(PIP_INDEX_URL, HTTPS_PROXY) and run this again."
)


class NotPossible(Exception):
    """The environment cannot be made; the message says what to do."""


def main(wanted: str) -> None:
    """Make the environment that is ``wanted``, unless it is there and up to date."""
    try:
        _check_python()
        if wanted == "uv":
            _make_uv()
        else:
            _make(wanted)
    except NotPossible as error:
        sys.exit(f"\n{error}\n")


def _check_python() -> None:
    if sys.version_info < OLDEST:
        have, need = sys.version.split()[0], ".".join(map(str, OLDEST))
        raise NotPossible(
            f"This is Python {have} ({sys.executable}); Python {need} or newer is needed.\n"
            "If you have one, name it: make demo PYTHON=python3.12"
        )


def _make(wanted: str) -> None:
    apart = {"clients": CLIENTS, "fuzz": FUZZ}
    environment = apart.get(wanted, VENV)
    stamp = environment / "quittance-stamp.json"
    had = _read(stamp) if _works(environment) else {}
    # What has the tools for tests keeps them: the dev lock contains the runtime lock.
    level = "dev" if "dev" in had else wanted
    names = {level} if wanted in apart else {"runtime", level}
    needed = {name: _hash(LOCKS[name]) for name in sorted(names)}
    if all(had.get(name) == value for name, value in needed.items()):
        return
    _make_uv()
    if not _works(environment):
        _say(f"making {environment.name}")
        _make_venv(environment, with_pip=False)
    _say(f"installing {LOCKS[level].name} (hash-checked)")
    stamp.unlink(missing_ok=True)
    _install(LOCKS[level], environment)
    stamp.write_text(json.dumps(needed))


def _read(stamp: Path) -> dict[str, str]:
    try:
        content: dict[str, str] = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return content


def _hash(file: Path) -> str:
    """The lock's content, and the interpreter that it was installed for."""
    return hashlib.sha256(file.read_bytes() + sys.version.encode()).hexdigest()


def _works(environment: Path) -> bool:
    """Whether the environment's Python still starts and is of the version that asks."""
    version = "import sys; print(sys.version)"
    try:
        said = subprocess.run(
            [environment / "bin" / "python", "-I", "-c", version],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.stdout.strip() == sys.version


def _make_venv(environment: Path, *, with_pip: bool) -> None:
    try:
        venv.create(environment, clear=True, with_pip=with_pip, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(environment, ignore_errors=True)
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise NotPossible(
            f"{sys.executable} could not make a virtual environment: {error}\n"
            f"On Debian or Ubuntu install the missing part and run this again:\n"
            f"    apt-get update && apt-get install --yes {package}"
        ) from error


def _make_uv() -> None:
    """Make the environment of the installer; it has pip too, for when uv does not get through."""
    stamp = UV / "quittance-stamp.json"
    needed = {"uv": _hash(LOCKS["uv"])}
    if _read(stamp) == needed and _works(UV):
        return
    _say("installing uv, the installer, in .uv (hash-checked)")
    _make_venv(UV, with_pip=True)
    if _ran(_pip(UV, LOCKS["uv"])):
        stamp.write_text(json.dumps(needed))


def _install(lock: Path, environment: Path) -> None:
    """Bring an environment to exactly what the lock says: with uv, else with pip."""
    target = ["--python", str(environment / "bin" / "python")]
    sync = [str(UV / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes", *target]
    if not _ran([*sync, "--only-binary", ":all:", str(lock)]):
        _say("uv could not install the packages; trying pip, which is slower")
        if not _ran(_pip(environment, lock)):
            raise NotPossible(f"The packages could not be installed. {PROXY}")


def _pip(environment: Path, lock: Path) -> list[str]:
    """The command that installs a lock into an environment, with the pip that lives in .uv."""
    pip = [str(UV / "bin" / "python"), "-m", "pip", "--python", str(environment / "bin" / "python")]
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    return [*pip, "install", *options, "--only-binary", ":all:", "-r", str(lock)]


def _ran(command: list[str]) -> bool:
    """Whether the command was there and succeeded; what it says goes to the screen."""
    try:
        return subprocess.run(command, check=False, env=_environment()).returncode == 0
    except OSError:
        return False


def _environment() -> dict[str, str]:
    """Ours, with a cache of our own for a user without a home (``nobody``)."""
    home = Path(os.environ.get("HOME", "/nonexistent"))
    own = {} if os.access(home, os.W_OK) else {"HOME": str(UV)}
    return {**os.environ, **own}


def _say(sentence: str) -> None:
    print(f"         {sentence}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
