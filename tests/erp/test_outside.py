"""The contract against a real tenant: what it says without one, and what its log keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.erp.stage import SandboxStage, settings_of
from tests.erp.tenant import PREFIX
from tests.erp.wire import LOG, line_of

ROOT = Path(__file__).resolve().parents[2]


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.run(
        [sys.executable, "-m", "tests.erp.outside", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=False,
        timeout=240,
    )  # fmt: skip


def test_without_a_tenant_nothing_is_run_and_it_says_so() -> None:
    done = run({})

    assert done.returncode == 0
    assert "nothing was run" in done.stdout
    assert f"{PREFIX}CLIENT_SECRET" in done.stdout


def test_half_a_tenant_is_a_mistake_that_is_named() -> None:
    done = run({f"{PREFIX}TENANT": "contoso.example"})

    assert done.returncode == 2
    assert f"{PREFIX}COMPANY_ID" in done.stderr


def test_what_was_asked_and_answered_is_kept_without_secrets(
    business_central: SandboxStage, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    settings = settings_of(business_central.running)
    environment = {PREFIX + name.upper(): value for name, value in settings.items()}

    done = run(environment | {LOG: str(log)}, "-k", "RealTenant and (check or pdf or wrong)")

    assert done.returncode == 0, done.stdout
    text = log.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert {200, 401} <= {line["status"] for line in lines}
    assert any("salesInvoices" in line["url"] and '"value"' in line["answer"] for line in lines)
    assert all(line["seconds"] >= 0 for line in lines)
    assert "sandbox-secret" not in text
    assert "Bearer" not in text
    assert "access_token" not in text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'{"clientState": "s\\"3cret", "resource": "x"}', "resource"),
        (b"%PDF-1.4 \x00\x01", "bytes"),
        (b"x" * 5000, "5000 characters"),
    ],
)
def test_a_body_is_kept_short_and_without_what_only_we_know(sent: bytes, kept: str) -> None:
    request = httpx.Request("POST", "https://x.example/api/v2.0/subscriptions", content=sent)
    line = line_of(httpx.Response(201, request=request, content=b"{}"))

    assert kept in str(line["sent"])
    assert "3cret" not in str(line["sent"])
    assert len(str(line["sent"])) < 4200
