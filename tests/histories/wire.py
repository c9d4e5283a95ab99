"""The way to gateway and ERP: each call is a boundary, and each boundary has its faults."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.histories import books
from tests.histories.ports import cross
from tests.histories.schedule import Crash, actor_here

if TYPE_CHECKING:
    from tests.histories.world import World

_ERP_CALLS: Final = (
    ("POST", r"/oauth2/", "erp.sign in"),
    ("GET", r"/customers\(", "erp.read customer"),
    ("GET", r"/customers\?\$filter=id%20eq", "erp.find customers"),
    ("GET", r"/customers\?", "erp.list customers"),
    ("GET", r"/Company\(", "erp.read customer ledger"),
    ("GET", r"/accounts\?", "erp.read account"),
    ("GET", r"/salesInvoices\?\$filter=id%20eq", "erp.read invoices"),
    ("GET", r"/salesInvoices\?\$filter=status", "erp.list open invoices"),
    ("GET", r"/salesInvoices\?", "erp.list invoices"),
    ("GET", r"/generalLedgerEntries\?.*top", "erp.read position"),
    ("GET", r"/generalLedgerEntries\?", "erp.read ledger"),
    ("GET", r"/customerPaymentJournals\?", "erp.find journal"),
    ("GET", r"/customerPayments", "erp.read lines"),
    ("GET", r"/(customerPaymentJ|j)ournals\(", "erp.read journal"),
    ("POST", r"/customerPaymentJournals$", "erp.make journal"),
    ("POST", r"/customerPayments$", "erp.add line"),
    ("PATCH", r"/customerPaymentJournals\(", "erp.take journal"),
    ("POST", r"NAV\.post$", "erp.post"),
    ("DELETE", r"/customerPaymentJournals\(", "erp.remove journal"),
    ("GET", r"/companies", "erp.check"),
)
_GATEWAY_CALLS: Final = (
    ("POST", r"/payments$", "gateway.create"),
    ("POST", r"/cancel$", "gateway.cancel"),
    ("POST", r"/complete$", "gateway.complete"),
    ("POST", r"/charges$", "gateway.prepare_charge"),
    ("POST", r"/charge$", "gateway.charge"),
    ("GET", r"/saved_methods/", "gateway.read method"),
    ("GET", r"/payments\?", "gateway.find"),
    ("GET", r"/payments/", "gateway.read"),
    ("POST", r"/refunds$", "gateway.refund"),
    ("GET", r"/refunds\?", "gateway.find refund"),
    ("GET", r"/refunds/", "gateway.read refund"),
    ("GET", r"/balance_entries\?payment", "gateway.movements of"),
    ("GET", r"/balance_entries", "gateway.movements"),
    ("GET", r"/disputes\?", "gateway.disputes"),
)
CALLS: Final = tuple(name for _, _, name in (*_GATEWAY_CALLS, *_ERP_CALLS))
WRITES: Final = frozenset(
    name for method, _, name in (*_GATEWAY_CALLS, *_ERP_CALLS)
    if method != "GET" and name != "erp.sign in"
)  # fmt: skip
_ALTERED: Final = ("amount", "amount", "currency", "currency", "reference", "reference", "id")
_BELIEVED: Final = frozenset({"erp.make journal", "erp.add line", "erp.post"})
_KEYED: Final = frozenset(
    {"gateway.create", "gateway.complete", "gateway.prepare_charge", "gateway.charge"}
)
_MAKES: Final = frozenset({"gateway.create", "gateway.prepare_charge"})
# What says whether something was done.
_LOOKS: Final = frozenset(
    {"erp.read ledger", "erp.read lines", "gateway.find", "gateway.find refund"}
)
_OVERTAKES: Final = 0.2
_GATEWAY_LATEST: Final = 9.0  # the adapter says: ten seconds
_ERP_LATEST: Final = 470.0  # an operation is ended after eight minutes


def name_of(request: httpx.Request) -> str:
    """Name the boundary that a request crosses."""
    url = str(request.url)
    table = _GATEWAY_CALLS if url.startswith("http://gateway") else _ERP_CALLS
    for method, pattern, name in table:
        if request.method == method and re.search(pattern, url):
            return name
    raise AssertionError(f"no boundary is known for {request.method} {url}")


class Wire(httpx.BaseTransport):
    """Carries every request of the portal's adapters to the books, or loses it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.under_way: list[httpx.Request] = []  # taken, not done yet, and nobody waits for it
        self.on_unheard: Callable[[], None] = lambda: None  # it was done, and nobody hears of it

    def erp_is_at_work(self) -> bool:
        """Whether the ERP will still do something that nobody waits for."""
        return any(str(each.url).startswith(books.ADDRESS) for each in self.under_way)

    def charges_under_way(self) -> set[str]:
        """Return the references of charges that the gateway will still make."""
        made = (each for each in self.under_way if name_of(each) in _MAKES)
        return {json.loads(each.content)["reference"] for each in made}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        actor = actor_here()
        if actor is not None and actor.dead:
            raise Crash
        request.read()
        name = name_of(request)
        self._world.swarm.cross(name)
        self._crash("crash before", name)
        cross(f"{name}: before")
        response = self._carried(request, name)
        if name in _LOOKS:
            self._overtake(name)
        self._crash("crash after", name)
        cross(f"{name}: {response.status_code}")
        return response

    def _crash(self, fault: str, name: str) -> None:
        actor = actor_here()
        if actor is not None and actor.ours and self._world.swarm.flip(fault, name):
            self._world.schedule.say("crash")
            self._world.schedule.crash(actor)

    def _carried(self, request: httpx.Request, name: str) -> httpx.Response:
        swarm, rng = self._world.swarm, self._world.rng
        seconds = request.extensions["timeout"]["read"]
        if swarm.flip("refused", name):
            return self._refusal(request, name)
        if swarm.flip("lost before", name):
            return self._lost(request, seconds)
        if name in WRITES and swarm.flip("later", name):
            return self._later(request, name, seconds)
        if name in WRITES and swarm.flip("answer lost", name):
            self.on_unheard()
            kind = rng.choice(["time-out", "broken", "status"])
            if kind == "status":
                return self._done(request, fail_with=rng.choice([500, 502, 504]))
            self._done(request)
            return self._lost(request, seconds if kind == "time-out" else 0.0)
        if name not in WRITES and swarm.flip("answer lost", name):
            return self._lost(request, seconds)
        if not swarm.flip("wrong answer", name):
            return self._done(request)
        if name in _BELIEVED and rng.random() < 0.5:
            return self._rolled_back(request)
        return self._wrong(self._done(request), name)

    def _done(self, request: httpx.Request, *, fail_with: int = 0) -> httpx.Response:
        """Let the books do it."""
        body, url = request.content, str(request.url)
        if url.startswith("http://gateway"):
            status, content = self._world.gateway.answer(
                request.method, url, request.headers, body, fail_with=fail_with
            )
        else:
            status, content = self._world.books.answer(request.method, url, request.headers, body)
            if fail_with:
                status, content = fail_with, b"<html>Gateway Time-out</html>"
        return httpx.Response(status, content=content, request=request)

    def _refusal(self, request: httpx.Request, name: str) -> httpx.Response:
        """It surely did nothing."""
        kinds = ["no connection", "429"]
        kinds += ["503"] if name not in WRITES else []
        kinds += ["401", "403"] if name.startswith("erp") and name != "erp.sign in" else []
        kinds += ["409"] if name in _KEYED else []
        kind = self._world.rng.choice(kinds)
        self._world.schedule.say(f"refused: {kind}")
        if kind == "no connection":
            raise httpx.ConnectError("nobody listens", request=request)
        content = b"{}"
        if kind == "409":
            content = b'{"error": {"code": "idempotency_in_progress", "message": "Wait."}}'
        if kind == "401":
            self._world.books.tokens.clear()
        headers = {"Retry-After": "7"} if kind in {"429", "503"} else {}
        return httpx.Response(int(kind), content=content, headers=headers, request=request)

    def _lost(self, request: httpx.Request, seconds: float) -> httpx.Response:
        self._world.schedule.say("answer lost")
        if seconds:
            self._world.schedule.sleep(seconds)
            raise httpx.ReadTimeout("no answer came", request=request)
        raise httpx.ReadError("the connection broke", request=request)

    def _later(self, request: httpx.Request, name: str, seconds: float) -> httpx.Response:
        rng = self._world.rng
        erp = name.startswith("erp")
        late = rng.uniform(1.0, _ERP_LATEST if erp else _GATEWAY_LATEST)
        copy = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        self.under_way.append(copy)
        self._world.schedule.later(late, f"{name}: done late", lambda: self._done_late(copy))
        return self._lost(request, seconds if erp and rng.random() < 0.5 else 0.0)

    def _overtake(self, name: str) -> None:
        """What is under way often is done just when somebody has looked and did not see it."""
        place = name.partition(".")[0]
        for request in [each for each in self.under_way if name_of(each).startswith(place)]:
            if self._world.swarm.on and self._world.rng.random() < _OVERTAKES:
                self._world.schedule.say(f"{name_of(request)}: done now")
                self._done_late(request)

    def _done_late(self, request: httpx.Request) -> None:
        if request not in self.under_way:
            return  # it was done sooner
        self.under_way.remove(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        # It was let in when it came; only its commit is late.
        if str(request.url).startswith(books.ADDRESS):
            self._world.books.tokens[token] = self._world.schedule.now + 1
        self._done(request)

    def _rolled_back(self, request: httpx.Request) -> httpx.Response:
        """The answer is a success, and nothing of it was committed (F42)."""
        world = self._world
        world.schedule.say("rolled back after its answer")
        before = copy.deepcopy(
            (world.books.journals, world.books.posted, world.books.gl, world.books.invoices)
        )
        customers = {each.id: each for each in world.books.customers.values()}
        response = self._done(request)
        journals, posted, gl, invoices = before
        world.books.journals, world.books.posted, world.books.gl = journals, posted, gl
        for key, old in invoices.items():  # others hold on to these very rows
            new = world.books.invoices[key]
            new.open, new.status, new.version = old.open, old.status, old.version
            new.customer = customers[new.customer.id]
        return response

    def _wrong(self, response: httpx.Response, name: str) -> httpx.Response:
        """It was done, and the answer says something else, or nothing that can be read."""
        rng, content = self._world.rng, response.content
        kind = rng.choice(["half", "html", "altered"])
        self._world.schedule.say(f"wrong answer: {kind}")
        books = name.startswith("gateway.movements")  # they may be unreadable, but they do not lie
        if kind == "altered" and name.startswith("gateway") and not books and response.is_success:
            content = _altered(content, rng.choice(_ALTERED))
        elif kind == "half" and len(content) > 2:
            content = content[: len(content) // 2]
        else:
            content = b"<html><body>Welcome to the hotel's network</body></html>"
        return httpx.Response(200, content=content, request=response.request)


def _altered(content: bytes, what: str) -> bytes:
    said: dict[str, Any] = json.loads(content)
    for shown in said.get("data", [said]):
        if what == "amount" and "amount_minor" in shown:
            shown["amount_minor"] += 100
        elif what == "currency":
            shown["currency"] = "EUR"
        elif what == "reference":
            shown["reference"] = f"{shown.get('reference')}0"
        else:
            shown["id"] = "pay_999999999999999999999999"
    return json.dumps(said).encode()
