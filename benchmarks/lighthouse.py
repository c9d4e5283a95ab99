"""Has Lighthouse judge four pages of a running demo, as on a phone; each figure beside its goal.

``make lighthouse`` while ``make demo`` runs. Lighthouse comes from npm with a lock of its own
(benchmarks/node/package-lock.json); nobody needs it, or Node, to run the portal.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx

from benchmarks.figures import Figure, Sense, line
from demo import browser
from demo.company import PASSWORD

_FOLDER: Final = Path(__file__).parent / "node"
_PROGRAM: Final = _FOLDER / "node_modules/lighthouse/cli/index.js"
_CATEGORIES: Final = ("performance", "accessibility", "best-practices")
_GOAL: Final = 95  # of 100. Source: the goals of the portal
_SECONDS: Final = 300


def main() -> None:
    """Measure, print; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="make lighthouse", description=__doc__)
    parser.add_argument("--address", default="http://localhost:8000", help="where the portal is")
    parser.add_argument("--email", default="dana@harborline.example", help="whose pages")
    options = parser.parse_args()
    chromium = browser.find()
    if not chromium or not _PROGRAM.exists():
        raise SystemExit("Lighthouse needs a Chromium and its packages: make lighthouse gets both.")
    met = True
    for page, address, cookies in _pages(options.address, options.email):
        for figure in _judged(page, address, cookies, chromium):
            print(line(figure), flush=True)
            met = met and figure.met is not False
    sys.exit(0 if met else 1)


def _pages(address: str, email: str) -> Iterator[tuple[str, str, str]]:
    """Sign in, begin a checkout; return each page's name, its address, and the cookies for it."""
    with httpx.Client(base_url=address, follow_redirects=True, trust_env=False) as client:
        _send(client, "/sign-in", {"email": email, "password": PASSWORD})
        listed = client.get("/invoices").raise_for_status().text
        open_rows = re.findall(r'name="invoice" value="([0-9a-f-]{36})"', listed)
        if not open_rows:
            raise SystemExit(
                f"{email} has no open invoice at {address}. Is the demo running there?"
            )
        basket = _send(client, "/invoices/pick", {"invoice": open_rows[0], "pay": ""}, "/invoices")
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        for name, path in (
            ("overview", "/"), ("list", "/invoices"), ("invoice", f"/invoices/{open_rows[0]}"),
            ("checkout", basket.url.path),
        ):  # fmt: skip
            yield name, address + path, cookies


def _send(
    client: httpx.Client, path: str, fields: dict[str, str], page: str = ""
) -> httpx.Response:
    """Send a form of ``page`` as a browser does, with the secret that the page holds."""
    shown = client.get(page or path).raise_for_status().text
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown)
    assert secret
    return client.post(path, data=fields | {"csrfmiddlewaretoken": secret[1]}).raise_for_status()


def _judged(page: str, address: str, cookies: str, chromium: str) -> Iterator[Figure]:
    done = subprocess.run(
        [
            "node", str(_PROGRAM), address, "--output=json", "--quiet",
            f"--only-categories={','.join(_CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            f"--extra-headers={json.dumps({'Cookie': cookies})}",
        ],
        check=True, capture_output=True, text=True, timeout=_SECONDS,
        env={**os.environ, "CHROME_PATH": chromium},
    )  # fmt: skip
    report = json.loads(done.stdout)
    for name in _CATEGORIES:
        category = report["categories"][name]
        missed = [
            each["id"]
            for each in category["auditRefs"]
            if each["weight"] and (report["audits"][each["id"]]["score"] or 0) < 0.9
            and report["audits"][each["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual"}
        ]  # fmt: skip
        yield Figure(
            figure=f"lighthouse_{name.replace('-', '_')}_{page}",
            value=round((category["score"] or 0) * 100), unit="of 100", limit=100,
            limit_is="a page without fault", goal=_GOAL / 100, sense=Sense.AT_LEAST,
            facts={"profile": "phone", "missed": missed},
        )  # fmt: skip


if __name__ == "__main__":
    main()
