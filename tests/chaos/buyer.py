"""One buyer: chooses, confirms, pays, loses patience, comes back, and writes it all down."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final
from urllib.parse import parse_qs, urlsplit

from demo.first_road import _minor, _typed
from demo.visitor import Fields, Unexpected
from tests.chaos.browser import Browser, NotNow, Seen
from tests.chaos.journal import Journal
from tests.chaos.people import PASSWORD, Who

GOOD, SECURE, SLOW, SLOW_BAD = (
    "4242424242424242", "4000002500003155", "4000000000003600", "4000000000003709",
)  # fmt: skip
DECLINED: Final = ("4000000000000002", "4000000000009995", "4000000000000127")
ACCOUNTS: Final = ("000123456789", "000123456789", "000111111113", "000222222227")
ROUTING: Final = "110000000"
PATIENCE: Final = 120.0  # seconds for one checkout, then something else is done first
_WITH_THE_SELLER: Final = "The seller is looking at its books"
# A payment of which all went back was paid all the same: then its page says that beside it.
PAID: Final = ("Paid", "Paid, and sent back", "Your bank returned the payment")
WAITING, MOVING, OVER = "Not finished yet", ("Almost done", "The payment is on its way"), (
    "The payment failed", "The payment was cancelled", "Money came after the payment had ended",
)  # fmt: skip


class _Enough(Exception):
    """This is not gone on with now."""


@dataclass(slots=True)
class Buyer:
    """A person at a browser. ``closing`` asks them to begin nothing new, ``home`` to go."""

    who: Who
    web: str
    random: Random
    journal: Journal
    seen: Seen
    closing: threading.Event
    home: threading.Event
    think: tuple[float, float] = (0.2, 1.5)
    later: dict[str, None] = field(default_factory=dict)  # payments to look at again
    browser: Browser = field(init=False)
    _payment: str = ""
    _basket: str = ""
    _noted: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.browser = Browser(self.seen, self._gateway_took, self.who.network)

    def live(self) -> None:
        """Pay until it is time to close, then see to whatever is not over."""
        while not self.closing.is_set():
            if self.later and self.random.random() < 0.3:
                self._patiently(self._look_again)
            else:
                self._patiently(self._check_out)
            self._think()
        while self.later and not self.home.is_set():
            self._patiently(self._look_again)
            self.home.wait(1)
        self.browser.close()

    # A person who gets no page loads the last one again; what was pressed may have counted.

    def _patiently(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (NotNow, _Enough):
            self._rest()
        except Unexpected as error:
            if not self._was_refused():
                self._note("puzzled", text=str(error)[:300], key=str(time.monotonic()))
            self._rest()

    def _check_out(self) -> None:
        self._payment = self._basket = ""
        address = f"{self.web}/invoices"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self.home.is_set():
            try:
                self.browser.open(address)
                while self._step():
                    address = self._place(address)
                return
            except NotNow:
                address = self._place(address)
                self._rest()
        raise _Enough

    def _place(self, before: str) -> str:
        """Where to go on after a fault: the payment, else the basket, else where we were."""
        if self._payment:
            return f"{self.web}/payments/{self._payment}"
        if self._basket:
            return f"{self.web}/checkout/{self._basket}/review"
        return before

    def _step(self) -> bool:
        """Do what the page that we are on asks for; ``False`` at the end of the way."""
        path = self.browser.path
        if not self.browser.address.startswith(self.web):
            return self._at_the_gateway()
        found = re.match(r"/(checkout|payments)/([0-9a-f-]{36})(?:/(\w+))?", path)
        if path.startswith("/sign-in"):
            self._sign_in()
        elif path.startswith("/invoices"):
            self._choose()
        elif found and found[1] == "payments":
            self._payment = found[2]
            self._confirmed()
            return self._follow()
        elif found:
            self._basket = found[2]
            {"amounts": self._amounts, "method": self._method, "review": self._pay}[found[3]]()
        else:
            raise _Enough
        self._think()
        return True

    def _sign_in(self) -> None:
        form = self.browser.form_with("email", "password")
        self.browser.send(form, {"email": self.who.email, "password": PASSWORD})

    def _choose(self) -> None:
        """Tick one to three invoices: often the first, where a colleague ticks too."""
        boxes = re.findall(r'<input[^>]*name="invoice"[^>]*>', self.browser.source)
        ids = [re.findall(r'value="([^"]*)"', each)[0] for each in boxes if "disabled" not in each]
        if not ids:
            raise _Enough
        chosen = self.random.sample(ids, min(len(ids), self.random.choice((1, 1, 2, 3))))
        if self.random.random() < 0.4:
            chosen[0] = ids[0]
        ticks: Fields = [("invoice", each) for each in dict.fromkeys(chosen)]
        form = self.browser.form_with("invoice")
        self.browser.send_pairs(form, [*ticks, ("pay", "")])

    def _amounts(self) -> None:
        form = self.browser.form_with("version")
        digits, point = int(form.attributes["data-digits"]), form.attributes["data-point"]
        changes = {}
        for each in form.inputs:
            if each.get("name", "").startswith("amount-") and self.random.random() < 0.4:
                most = _minor(each["value"], digits=digits, point=point)
                part = max(1, int(most * self.random.uniform(0.1, 0.9)))
                changes[each["name"]] = _typed(part, digits=digits, point=point)
        self.browser.send(form, changes)

    def _method(self) -> None:
        method = "bank_debit" if self.random.random() < 0.2 else "card"
        self.browser.send(self.browser.form_with("method"), {"method": method})

    def _pay(self) -> None:
        """Press the one button; every fifth time twice."""
        form = self.browser.form_with("version", "total")
        (total,) = (int(each["value"]) for each in form.inputs if each.get("name") == "total")
        self._note("pressed", key=self._basket, basket=self._basket, total=total,
                   currency=self.who.currency)  # fmt: skip
        second = None
        if self.random.random() < 0.2:
            second = threading.Thread(target=self.browser.send_aside, args=(form,))
            second.start()
        try:
            self.browser.send(form)
        finally:
            if second is not None:
                second.join()

    def _was_refused(self) -> bool:
        """A page that says no in words: somebody else pays it, it changed, it is over."""
        page = self.browser.page
        if page is None or page.status_code not in {409, 422, 429}:
            return False
        alert = re.search(r'role="alert".*?</(?:strong|ul)>', self.browser.source, re.DOTALL)
        said = html.unescape(re.sub(r"<[^>]+>|^[^>]*>", " ", alert[0])) if alert else ""
        said = " ".join(said.split()) or self.browser.headline
        self._note("refused", key=str(time.monotonic()), status=page.status_code,
                   basket=self._basket, text=said)  # fmt: skip
        return True

    def _at_the_gateway(self) -> bool:
        """Type a number, or walk away. The gateway's page is asked for anew after a fault."""
        self._payment = self._payment or self._reference()
        self._confirmed()
        source = self.browser.source
        if 'name="decision"' in source:
            decision = "approve" if self.random.random() < 0.8 else "fail"
            self.browser.send(self.browser.form_with("decision"), {"decision": decision})
            return True
        if 'name="token"' not in source:  # it is closed, and says so
            self.browser.open(f"{self.web}/payments/{self._payment}")
            return True
        if self.random.random() < 0.12:
            self._note("walked away", key=str(time.monotonic()), payment=self._payment)
            return False
        self._think()
        if 'name="routing"' in source:
            facts = {"routing": ROUTING, "account": self.random.choice(ACCOUNTS)}
        else:
            number = self.random.choices(
                (GOOD, SECURE, SLOW, SLOW_BAD, self.random.choice(DECLINED)), (60, 12, 8, 5, 15)
            )[0]
            facts = {"number": number, "expiry": "12/39", "cvc": "123"}
        self.browser.send(self.browser.form_with("token"), {**facts, "name": "Robin Vale"})
        return True

    def _reference(self) -> str:
        """The payment's id, as the gateway's page shows it."""
        found = re.search(r"Reference ([0-9a-f-]{36})", self.browser.source)
        if found is None:
            raise Unexpected(f"no reference at {self.browser.address}: {self.browser.text[:200]}")
        return found[1]

    def _gateway_took(self, back: str) -> None:
        payment = urlsplit(back).path.rpartition("/")[2]
        object_ = parse_qs(urlsplit(back).query).get("payment", [""])[0]
        self._note("gateway took it", key=payment, payment=payment, object=object_)

    def _confirmed(self) -> None:
        self.later[self._payment] = None
        self._note("confirmed", key=self._payment, payment=self._payment, basket=self._basket)

    def _look_again(self) -> None:
        """See what became of a payment from before; finish or cancel one that waits for us."""
        self._payment = self.random.choice(list(self.later))
        self._basket = ""
        self.browser.open(f"{self.web}/payments/{self._payment}")
        if self.browser.path.startswith("/sign-in"):
            self._sign_in()
            return
        if self.browser.headline == WAITING:
            if self.random.random() < 0.5:
                self.browser.open(f"{self.web}/payments/{self._payment}/onward")
                while self._step():
                    pass
            else:
                cancel = [each for each in self.browser.forms() if each.action.endswith("/cancel")]
                self.browser.send(cancel[0])
        self._read()

    def _follow(self) -> bool:
        """Look at the payment's page for a while. Always the end of the way."""
        until = time.monotonic() + self.random.uniform(2, 12)
        while self._read() and time.monotonic() < until and not self.home.is_set():
            time.sleep(self.random.uniform(0.5, 1.5))
            self.browser.open(self.browser.address)
        return False

    def _read(self) -> bool:
        """Write down what the page says; say whether something is still to come soon."""
        headline, payment = self.browser.headline, self._payment
        number = self.browser.fact("Receipt") or self.browser.fact("Payment")
        if headline in PAID:
            self._note("received", key=payment, payment=payment, number=number)
            document = self.browser.fact("document")
            if not document:
                if self.closing.is_set() and _WITH_THE_SELLER in self.browser.text:
                    self.later.pop(payment, None)  # whether that is right the books will say
                return True
            self._note("posted", key=payment, payment=payment, document=document)
            self.later.pop(payment, None)
            return False
        if headline in OVER:
            self._note("over", key=payment, payment=payment, number=number, headline=headline)
            self.later.pop(payment, None)
            return False
        return headline in MOVING

    def _note(self, what: str, *, key: str, **facts: object) -> None:
        """Write a thing down once."""
        if (what, key) not in self._noted:
            self._noted.add((what, key))
            self.journal.note(self.who.email, what, **facts)

    def _think(self) -> None:
        time.sleep(self.random.uniform(*self.think))

    def _rest(self) -> None:
        time.sleep(self.random.uniform(0.5, 2.5))
