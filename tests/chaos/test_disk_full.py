"""A full disk under PostgreSQL: reading works, and nothing is asked for that cannot be kept."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos import house
from tests.chaos.browser import Browser, NotNow, Seen
from tests.chaos.house import House
from tests.chaos.people import PASSWORD, buyers

MEGABYTES = 320  # a new cluster, its write-ahead log and the demo company take about half of it


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder whose subfolder ``postgres`` is a small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    folder = Path(tempfile.mkdtemp(prefix="quittance-disk-test-"))
    folder.chmod(0o711)
    disk = folder / "postgres"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0755", "tmpfs", str(disk)]
    said = subprocess.run(mount, capture_output=True, text=True, check=False)
    if said.returncode:
        folder_is_empty(folder)
        pytest.skip(f"this machine mounts nothing: {said.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(disk)], check=True)
    house.remove(folder)


def folder_is_empty(folder: Path) -> None:
    (folder / "postgres").rmdir()
    folder.rmdir()


@contextmanager
def full(built: House) -> Iterator[None]:
    """Fill the disk to its last byte. A fresh segment of the log is there for what is written."""
    with built.admin() as admin:
        admin.execute("CHECKPOINT")
        admin.execute("SELECT pg_switch_wal()")
        admin.execute("SELECT txid_current()")
    ballast = built.folder / "postgres" / "ballast"
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(65536))
        except OSError:
            pass
    yield
    ballast.unlink()


def to_review(built: House) -> Browser:
    """A buyer at the last step."""
    browser = Browser(Seen(), lambda _: None)
    browser.open(f"{built.web}/invoices")
    who = {"email": buyers()[0].email, "password": PASSWORD}
    browser.send(browser.form_with("email", "password"), who)
    browser.open(f"{built.web}/invoices")
    box = browser.form_with("invoice").named("invoice")[0]["value"]
    browser.send_pairs(browser.form_with("invoice"), [("invoice", box), ("pay", "")])
    browser.send(browser.form_with("version"))
    browser.send(browser.form_with("method"), {"method": "card"})
    return browser


def asked_to_pay(built: House) -> int:
    """How often the gateway was asked for a payment."""
    asked = built.ask("gateway", "GET", "/requests")["data"]
    return sum(each["method"] == "POST" and each["path"] == "/v1/payments" for each in asked)


@pytest.mark.slow
@pytest.mark.failure("F54")
def test_on_a_full_disk_pages_show_and_a_payment_is_refused_before_the_gateway_is_asked(
    small_disk: Path,
) -> None:
    with house.started(small_disk, "full", workers=0) as built:  # what they write is not the matter
        browser = to_review(built)
        review = browser.address
        with full(built):
            with pytest.raises(NotNow):
                browser.send(browser.form_with("version", "total"))
            assert browser.page is not None
            assert browser.page.status_code == 503
            assert "Nothing is lost" in browser.text
            assert asked_to_pay(built) == 0
            browser.open(f"{built.web}/invoices")
            assert browser.headline == "Invoices"

        browser.open(review)
        browser.send(browser.form_with("version", "total"))

        assert "/pay/" in browser.address
        assert asked_to_pay(built) == 1
        browser.close()
