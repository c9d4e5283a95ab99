"""The first road, walked by program: from the list of invoices to a payment posted in the ERP."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.visitor import Fields, Form, Unexpected, Visitor

Say = Callable[[str], None]
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/39", "cvc": "123", "name": "Smoke Test"}
POSTED_SECONDS = 45


@dataclass(frozen=True, slots=True)
class Line:
    """What we paid of one invoice, in minor units; ``most`` is what could have been paid."""

    number: str
    paid: int
    most: int
    digits: int


@dataclass(frozen=True, slots=True)
class Paid:
    """The payment as its payer sees it."""

    number: str
    document: str  # what the receipt says of the ERP's document
    lines: tuple[Line, ...]
    seconds: float  # from the click on the gateway's page to "posted"


def sign_in(visitor: Visitor, person: dict[str, str]) -> None:
    """Sign in with e-mail and password."""
    visitor.open(person["address"])
    visitor.submit(
        visitor.form_with("email", "password"),
        {"email": person["email"], "password": person["password"]},
    )
    if "/sign-in" in visitor.address:
        raise Unexpected(f"{person['email']} could not sign in: {visitor.text[:300]}")


def choose(visitor: Visitor, count: int) -> None:
    """Tick that many invoices of one currency, and begin to pay them."""
    visitor.open("/invoices")
    groups: dict[str, list[str]] = {}
    for row in re.findall(r"<tr\b.*?</tr>", visitor.source, re.DOTALL):
        box = re.search(r'<input[^>]*name="invoice"[^>]*>', row)
        if not box or "disabled" in box[0]:
            continue
        amount = re.search(r'class="[^"]*c-amount[^"]*"[^>]*>(.*?)</td>', row, re.DOTALL)
        words = html.unescape(re.sub(r"<[^>]+>", "", amount[1])) if amount else ""
        sign = re.sub(r"[\d.,\s]", "", words.partition("\n")[0])
        groups.setdefault(sign, []).append(re.findall(r'value="([^"]*)"', box[0])[0])
    ids = max(groups.values(), key=len, default=[])[:count]
    if len(ids) < count:
        raise Unexpected(f"{visitor.address} offers {len(ids)} invoices to pay, not {count}")
    ticks: Fields = [("invoice", id_) for id_ in ids]
    form = visitor.form_with("invoice")
    visitor.submit(form, [*ticks, ("then", "/invoices")])
    buttons = [each for each in visitor.form_with("pay").buttons if each.get("name") == "pay"]
    visitor.submit(visitor.form_with("pay"), {"pay": buttons[0].get("value", "")})


def set_amounts(visitor: Visitor) -> tuple[Line, ...]:
    """Pay the first invoice in part and the others in full."""
    form = visitor.form_with("version")
    digits, point = int(form.attributes["data-digits"]), form.attributes["data-point"]
    numbers = re.findall(r'class="strong" href="[^"]*"><bdi>([^<]*)</bdi>', visitor.source)
    fields = [each for each in form.inputs if each.get("name", "").startswith("amount-")]
    changes: dict[str, str] = {}
    lines = []
    for place, (number, each) in enumerate(zip(numbers, fields, strict=True)):
        most = _minor(each["value"], digits=digits, point=point)
        paid = most // 3 if place == 0 else most
        changes[each["name"]] = _typed(paid, digits=digits, point=point)
        lines.append(Line(html.unescape(number), paid, most, digits))
    visitor.submit(form, changes)
    return tuple(lines)


def _minor(text: str, *, digits: int, point: str) -> int:
    whole, _, rest = text.partition(point)
    return int(re.sub(r"\D", "", whole) + re.sub(r"\D", "", rest).ljust(digits, "0"))


def _typed(minor: int, *, digits: int, point: str) -> str:
    text = str(minor).rjust(digits + 1, "0")
    return f"{text[:-digits]}{point}{text[-digits:]}" if digits else text


def choose_method(visitor: Visitor) -> None:
    """Pay by card."""
    form = visitor.form_with("method")
    offered = [each["value"] for each in form.named("method")]
    visitor.submit(form, {"method": "card" if "card" in offered else offered[0]})


def press_pay(visitor: Visitor) -> None:
    """Press the button of the review; it leads to the gateway's own page."""
    before = visitor.address
    visitor.submit(_review_form(visitor))
    if visitor.address.split("/")[2] == before.split("/")[2]:
        raise Unexpected(f"{visitor.address} is not the gateway's page: {visitor.text[:300]}")


def _review_form(visitor: Visitor) -> Form:
    return visitor.form_with("version", "total")


def enter_card(visitor: Visitor) -> None:
    """Fill the gateway's form; it sends us back to the portal."""
    gateway = visitor.address.split("/")[2]
    visitor.submit(visitor.form_with("number", "cvc"), CARD)
    if visitor.address.split("/")[2] == gateway:
        raise Unexpected(f"The gateway did not send us back: {visitor.text[:300]}")


def follow(visitor: Visitor, *, begin: float) -> float:
    """Look at the payment's page until it names the ERP's document; the seconds since then."""
    deadline = time.monotonic() + POSTED_SECONDS
    while not _fact(visitor, "document"):
        if time.monotonic() > deadline:
            raise Unexpected(
                f"The payment was not posted within {POSTED_SECONDS} s: {visitor.text[:600]}"
            )
        time.sleep(0.2)
        visitor.open(visitor.address)
    return time.monotonic() - begin


def _fact(visitor: Visitor, name: str) -> str:
    """What the payment's page says beside a name with this word in it."""
    pattern = rf"<dt>[^<]*\b{name}\b[^<]*</dt>\s*<dd[^>]*>\s*([^<]*)"
    found = re.search(pattern, visitor.source, re.IGNORECASE)
    return html.unescape(found[1]).strip() if found else ""


def receipt(visitor: Visitor) -> int:
    """Fetch the receipt as PDF; its size in bytes."""
    links = visitor.links(r"/receipt\.pdf$")
    if not links:
        raise Unexpected(f"{visitor.address} has no receipt: {visitor.text[:600]}")
    answer = visitor.download(links[0])
    if not answer.content.startswith(b"%PDF"):
        raise Unexpected(f"{answer.url} is no PDF")
    return len(answer.content)


def walk(facts: dict[str, Any], say: Say) -> Paid:
    """Walk the road as the first buyer. Raises ``Unexpected``."""
    buyer = next(each for each in facts["sign_ins"] if each["who"].startswith("Buyer"))
    visitor = Visitor()
    try:
        sign_in(visitor, buyer)
        say(f"signed in as {buyer['email']}")
        choose(visitor, 3)
        lines = set_amounts(visitor)
        say(f"chose {', '.join(line.number for line in lines)}; the first in part")
        choose_method(visitor)
        press_pay(visitor)
        say("on the gateway's page")
        begin = time.monotonic()
        enter_card(visitor)
        say("paid by card, back in the portal")
        seconds = follow(visitor, begin=begin)
        number, document = _fact(visitor, "receipt"), _fact(visitor, "document")
        say(f"payment {number} is document {document} in the ERP, {seconds:.1f} s after the click")
        say(f"receipt as PDF, {receipt(visitor)} bytes")
        return Paid(number, document, lines, seconds)
    finally:
        visitor.close()
