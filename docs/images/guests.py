"""What guests see, for the pictures: a pay link that a clerk made, and an invitation by mail."""

from __future__ import annotations

import base64
import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from playwright.sync_api import Page

GUEST: Final = "nina.berg@harborline.example"
PATIENCE: Final = 60  # seconds for a mail to come
_BETWEEN: Final = b"-" * 79 + b"\n"


def pay_link(clerk: Page) -> str:
    """Have a clerk make a link for two invoices; return its address."""
    clerk.goto(urljoin(clerk.url, "/office/links/new?customer=C-10482"))
    for place in range(2):
        clerk.locator("input[name=invoice]").nth(place).check()
    clerk.locator("input[name=parts]").check()
    clerk.get_by_role("button", name="Make the link").click()
    return clerk.locator("#address").input_value()


def invitation(buyer: Page, mails: Path) -> tuple[str, str]:
    """Have a buyer invite a colleague; return the address in the mail, and the mail as HTML."""
    buyer.goto(urljoin(buyer.url, "/team/invite"))
    buyer.fill("#email", GUEST)
    buyer.fill("#name", "Nina Berg")
    buyer.get_by_role("button", name="Send the invitation").click()
    for _ in range(PATIENCE):
        for file in sorted(mails.iterdir(), reverse=True):
            html = _html(file.read_bytes())
            if found := re.search(r"/invited/[\w-]+", html):
                return found[0], html
        time.sleep(1)
    raise AssertionError(f"no invitation came within {PATIENCE} s")


def _html(written: bytes) -> str:
    """The HTML of the mails to the guest in a file of Django's, with the logo in it."""
    mails = [message_from_bytes(each, policy=policy.default) for each in written.split(_BETWEEN)]
    return "".join(_shown(each) for each in mails if GUEST in (each["To"] or ""))


def _shown(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    html = str(part.get_content()) if part else ""
    for each in mail.walk():
        if each["Content-ID"]:
            logo = base64.b64encode(each.get_payload(decode=True) or b"").decode()
            html = html.replace("cid:logo", f"data:{each.get_content_type()};base64,{logo}")
    return html
