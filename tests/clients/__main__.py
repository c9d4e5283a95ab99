"""``make clients``: strangers' clients against the Business Central sandbox, each on fresh data.

They run in ``.clients``, an environment of their own, as programs that know nothing of us.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from demo.environment import CLIENTS
from sandbox.business_central import tokens
from sandbox.business_central.launch import DidNotStart, Running, start_business_central
from sandbox.business_central.seed.company import COMPANY_ID

SCRIPTS = {"pybusinesscentral": "with_pybusinesscentral.py", "bcli": "with_bcli.py"}
PAGE = 100  # records: small enough for a client to turn some pages
PATIENCE = 300  # seconds


def main() -> int:
    """Run each client; 1 if one did not get through."""
    failed = [name for name, script in SCRIPTS.items() if not _passes(name, script)]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall clients got through")
    return 1 if failed else 0


def _passes(name: str, script: str) -> bool:
    begin = time.monotonic()
    print(f"\n{name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="quittance-clients-") as folder:
        try:
            with start_business_central(Path(folder), page_size=PAGE) as running:
                code = _run(running, script)
        except DidNotStart as error:
            print(f"the sandbox did not start: {error}")
            return False
        except subprocess.TimeoutExpired:
            print(f"it did not end within {PATIENCE} s")
            return False
    print(f"{'ok' if code == 0 else 'FAILED'}, {time.monotonic() - begin:.1f} s", flush=True)
    return code == 0


def _run(running: Running, script: str) -> int:
    given = {
        "url": running.url,
        "api": running.api_url,
        "company": COMPANY_ID,
        "token": _token(running),
    }
    done = subprocess.run(
        [CLIENTS / "bin" / "python", "-I", Path(__file__).with_name(script), json.dumps(given)],
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode


def _token(running: Running) -> str:
    """Neither of them can be told where tokens are given: one has no sign-in, one wants https."""
    form = {
        "grant_type": "client_credentials",
        "client_id": next(iter(tokens.CLIENTS)),
        "client_secret": tokens.SECRET,
        "scope": tokens.SCOPE,
    }
    answer = httpx.post(f"{running.url}/{tokens.TENANT}/oauth2/v2.0/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


if __name__ == "__main__":
    sys.exit(main())
