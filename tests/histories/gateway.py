"""A gateway with books of its own, in memory and in virtual time. It speaks the sandbox's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from standardwebhooks import Webhook

from tests.histories import holding

KEY_SECONDS: Final = 24 * 3600.0
OPEN_SECONDS: Final = 24 * 3600.0
SECOND_WORD: Final = 900.0  # until a bank says that the money came all the same (F21)
MOST_ATTEMPTS: Final = 5
API_KEY: Final = "sk_histories"
SECRET: Final = "whsec_aGlzdG9yaWVzLW9ubHktaGlzdG9yaWVz"
ADDRESS: Final = "http://gateway.example"


class No(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.status, self.code = status, code


@dataclass(slots=True)
class Object:
    """One payment in the gateway's books."""

    id: str
    reference: str
    amount_minor: int
    currency: str
    method: str
    created_at: float
    asked: dict[str, Any]
    state: str = "open"
    failure: str = ""
    brand: str = ""
    attempts: int = 0
    succeeded_at: float | None = None
    fee_minor: int | None = None
    closed_at: float | None = None
    refunded_minor: int = 0
    returned_minor: int = 0
    disputed_minor: int = 0
    waits: str = ""  # for the seller's word: what the bank makes of it then
    takes: float = 600.0  # seconds that the bank needs for that


@dataclass(slots=True)
class Entry:
    """One movement in the gateway's books."""

    id: str
    kind: str
    object_id: str
    gross_minor: int
    currency: str
    at: float
    subject: str
    code: str
    fee_minor: int

    def shown(self) -> dict[str, Any]:
        """Return the entry as the API shows it."""
        return {
            "id": self.id, "kind": self.kind, "payment": self.object_id,
            "subject": self.subject or None, "code": self.code or None,
            "gross_minor": self.gross_minor, "fee_minor": self.fee_minor,
            "net_minor": self.gross_minor - self.fee_minor, "currency": self.currency,
            "payout": None, "created_at": iso(self.at),
        }  # fmt: skip


@dataclass
class Gateway:
    """One account. ``now`` is the virtual time; ``later`` has something done at another one."""

    now: Callable[[], float]
    later: Callable[[float, str, Callable[[], None]], None]
    objects: dict[str, Object] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, tuple[float, str, int, bytes]] = field(default_factory=dict)
    on_event: Callable[[dict[str, Any]], None] = lambda _: None
    on_take: Callable[[Object], None] = lambda _: None  # the seller's word takes money now
    api_key: str = API_KEY

    # ---- over the wire

    def answer(
        self, method: str, url: str, headers: Any, body: bytes, *, fail_with: int = 0
    ) -> tuple[int, bytes]:
        """Do what a request asks. With ``fail_with`` it is done, and that failure is the answer.

        The answer is kept for the key, success or not, as Stripe does it (v1).
        """
        if headers.get("Authorization", "") != f"Bearer {self.api_key}":
            return self._no(No(401, "unauthorized"))
        parts = urlsplit(url)
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        print_ = f"{method} {parts.path} {body.decode()}"
        kept = self.keys.get(key) if key else None
        if kept and kept[0] > self.now() - KEY_SECONDS:
            if kept[1] != print_:
                return self._no(No(409, "idempotency_mismatch"))
            return kept[2], kept[3]
        try:
            content = json.loads(body) if body else {}
            status, said = self._do(method, parts.path, parse_qs(parts.query), content)
            result = status, json.dumps(said).encode()
        except No as no:
            result = self._no(no)
        if fail_with:
            result = self._no(No(fail_with, "sandbox_fault"))
        if key:
            self.keys[key] = (self.now(), print_, *result)
        return result

    def _no(self, no: No) -> tuple[int, bytes]:
        said = {"error": {"code": no.code, "message": str(no), "param": None}}
        return no.status, json.dumps(said).encode()

    def _do(
        self, method: str, path: str, query: dict[str, list[str]], content: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        match method, *path.removeprefix("/v1/").split("/"):
            case "GET", "account":
                return 200, {"id": "acct_1", "name": "Histories", "livemode": False}
            case "POST", "payments":
                return 201, self.shown(self.create(content))
            case "POST", "charges":
                made = holding.prepare(self, content)
                if made is None:
                    raise No(422, "method_gone")
                return 201, self.shown(made)
            case "POST", "payments", id_, "complete":
                return 200, self.shown(holding.complete(self, self._get(id_)))
            case "POST", "payments", id_, "charge":
                return 200, self.shown(holding.charge(self, self._get(id_)))
            case "GET", "saved_methods", id_:
                return 200, holding.shown_method(id_)
            case "GET", "payments":
                reference = query.get("reference", [""])[0]
                found = [each for each in self.objects.values() if each.reference == reference]
                return 200, _page(self.shown(each) for each in found)
            case "GET", "payments", id_:
                return 200, self.shown(self._get(id_))
            case "POST", "payments", id_, "cancel":
                return 200, self.shown(self.cancel(id_))
            case "POST", "refunds":
                return 201, self.refund(
                    content["payment"], content["amount_minor"], content["currency"],
                    reference=content["reference"],
                )  # fmt: skip
            case "GET", "refunds":
                of = self._get(query["payment"][0]).id
                said = [each for each in self.refunds.values() if each["payment"] == of]
                only = query.get("reference")
                return 200, _page(x for x in said if not only or x["reference"] in only)
            case "GET", "refunds", id_:
                if id_ not in self.refunds:
                    raise No(404, "not_found")
                return 200, self.refunds[id_]
            case "GET", "disputes":
                of = self._get(query["payment"][0]).id
                return 200, _page(x for x in self.disputes.values() if x["payment"] == of)
            case "GET", "balance_entries":
                return 200, self._entries(query)
        raise No(404, "not_found", path)

    def _get(self, id_: str) -> Object:
        if id_ not in self.objects:
            raise No(404, "not_found")
        return self.objects[id_]

    def create(self, asked: dict[str, Any]) -> Object:
        """Make an open payment."""
        if not isinstance(asked["amount_minor"], int) or asked["amount_minor"] <= 0:
            raise No(400, "invalid_amount")
        made = Object(
            id=f"pay_{len(self.objects) + 1:024d}", reference=asked["reference"],
            amount_minor=asked["amount_minor"], currency=asked["currency"],
            method=asked["method"], created_at=self.now(), asked=asked,
        )  # fmt: skip
        self.objects[made.id] = made
        self.event(made, "payment.created")
        self.later(OPEN_SECONDS, "gateway: expires", lambda: self._expire(made))
        return made

    def _entries(self, query: dict[str, list[str]]) -> dict[str, Any]:
        found = [each.shown() for each in self.entries]
        if "payment" in query:
            found = [each for each in found if each["payment"] == query["payment"][0]]
        if "after" in query:
            ids = [each["id"] for each in found]
            if query["after"][0] not in ids:
                raise No(400, "unknown_place")
            found = found[ids.index(query["after"][0]) + 1 :]
        return _page(found)

    def _expire(self, made: Object) -> None:
        if made.state == "open":
            self.close(made, "cancelled", "expired")

    def shown(self, one: Object) -> dict[str, Any]:
        """Return a payment as the API shows it."""
        return {
            **one.asked,
            "id": one.id, "reference": one.reference, "amount_minor": one.amount_minor,
            "currency": one.currency, "method": one.method, "state": one.state,
            "url": f"{ADDRESS}/pay/{one.id}" if one.state == "open" and not one.waits else None,
            "waits_for_merchant": holding.waits(one),
            "attempts": one.attempts, "refunded_minor": one.refunded_minor,
            "returned_minor": one.returned_minor,
            "instrument": {"brand": one.brand, "last4": "4242"} if one.brand else None,
            "failure": {"code": one.failure, "message": "No."} if one.failure else None,
            "fee_minor": one.fee_minor, "created_at": iso(one.created_at),
            "expires_at": iso(one.created_at + OPEN_SECONDS), "succeeded_at": iso(one.succeeded_at),
        }  # fmt: skip

    # ---- what payer and bank do

    def pay(self, id_: str, deed: str, *, takes: float = 600.0) -> str:
        """The payer presses Pay; ``deed`` is one of those of people.py. Returns the state.

        ``takes`` is how many seconds a slow bank needs.
        """
        one = self.objects[id_]
        if one.state != "open" or one.waits:
            return one.state
        if deed == "other amount":  # a fee of the card's bank, or worse: it is not what we asked
            one.amount_minor += 100
            deed = "ok"
        one.attempts += 1
        one.brand = "visa" if one.method == "card" else "bank"
        if one.asked.get("held") and deed != "decline":
            holding.agree(self, one, deed, takes)
        else:
            self.pay_now(one, deed, takes=takes)
        return one.state

    def pay_now(self, one: Object, deed: str, *, takes: float) -> None:
        """Let the bank do with a payment what ``deed`` says."""
        if deed == "ok":
            self.succeed(one)
        elif deed == "decline":
            one.failure = "card_declined"
            self.event(one, "payment.attempt_failed", code="card_declined")
            if one.attempts >= MOST_ATTEMPTS:
                self.close(one, "failed", "too_many_attempts")
        else:
            one.state = "processing"
            self.event(one, "payment.processing")
            self.later(takes, "gateway: the bank says", lambda: self._settle(one, deed))

    def _settle(self, one: Object, deed: str) -> None:
        if one.state != "processing":
            return
        if deed == "slow ok":
            self.succeed(one)
        else:
            self.close(one, "failed", "insufficient_funds")
            if deed == "fail, then ok":
                self.later(SECOND_WORD, "gateway: the money came", lambda: self.succeed(one))

    def succeed(self, one: Object) -> None:
        """The money is there; the books say so."""
        one.state, one.failure, one.succeeded_at = "succeeded", "", self.now()
        one.fee_minor = (one.amount_minor * 29 + 500) // 1000 + 30
        self._enter("charge", one, one.amount_minor)
        self.event(one, "payment.succeeded")

    def cancel(self, id_: str) -> Object:
        """Close an open payment; one that is past that is a 409."""
        one = self._get(id_)
        if one.state == "open":
            self.close(one, "cancelled", "cancelled")
        elif one.state != "cancelled":
            raise No(409, f"payment_{one.state}")
        return one

    def close(self, one: Object, state: str, code: str) -> None:
        """Nobody can pay it any more."""
        one.state, one.failure, one.closed_at = state, code, self.now()
        self.event(one, f"payment.{state}", code=code)

    def _enter(self, kind: str, one: Object, gross: int, subject: str = "", code: str = "") -> None:
        id_ = f"bal_{len(self.entries) + 1:024d}"
        fee = one.fee_minor or 0 if kind == "charge" else 0
        self.entries.append(
            Entry(id_, kind, one.id, gross, one.currency, self.now(), subject, code, fee)
        )

    # ---- money that goes back

    def refund(
        self, id_: str, minor: int, currency: str, *, reference: str | None = None
    ) -> dict[str, Any]:
        """Send money back, never more than is left; without a reference in its own pages."""
        one = self._get(id_)
        if one.state != "succeeded":
            raise No(409, "not_captured", f"The payment is {one.state}.")
        if minor > self.left(one) or currency != one.currency:
            raise No(409, "refund_too_large", f"Only {self.left(one)} can still be refunded.")
        made: dict[str, Any] = {
            "id": f"re_{len(self.refunds) + 1:024d}", "payment": id_, "reference": reference,
            "amount_minor": minor, "currency": currency, "state": "succeeded", "failure": None,
            "created_at": iso(self.now()),
        }  # fmt: skip
        self.refunds[made["id"]] = made
        one.refunded_minor += minor
        self._enter("refund", one, -minor, made["id"])
        self.event(one, "refund.created", refund=made["id"], state="succeeded")
        return made

    def take_back(self, one: Object, code: str) -> None:
        """The payer's bank returns a debit: all that is left of it."""
        rest = self.left(one)
        if one.state == "succeeded" and rest > 0:
            one.returned_minor = rest
            self._enter("return", one, -rest, code=code)
            self.event(one, "payment.returned", code=code)

    def dispute(self, one: Object) -> str:
        """The payer's bank takes all that is left, for the time of a dispute."""
        rest = self.left(one)
        if one.state != "succeeded" or rest <= 0:
            return ""
        id_ = f"dp_{len(self.disputes) + 1:024d}"
        self.disputes[id_] = {
            "id": id_, "payment": one.id, "amount_minor": rest, "currency": one.currency,
            "reason": "fraudulent", "state": "open", "answer_until": iso(self.now() + 7 * 86400),
        }  # fmt: skip
        one.disputed_minor = rest
        self._enter("dispute", one, -rest, id_, "fraudulent")
        self.event(one, "dispute.created", dispute=id_)
        return id_

    def decide(self, id_: str, state: str) -> None:
        """The bank decides a dispute: "won" gives the money back, "lost" keeps it."""
        said = self.disputes[id_]
        one = self.objects[said["payment"]]
        said["state"], said["answer_until"] = state, None
        if state == "won":
            one.disputed_minor -= said["amount_minor"]
            self._enter("dispute_won", one, said["amount_minor"], id_)
        self.event(one, "dispute.updated", dispute=id_)

    def left(self, one: Object) -> int:
        """How much of a payment the gateway still holds for the seller."""
        return one.amount_minor - one.refunded_minor - one.returned_minor - one.disputed_minor

    # ---- webhooks

    def event(self, one: Object, kind: str, **more: Any) -> None:
        """Something happened: the account is told, once or more, now or later."""
        made = {
            "id": f"evt_{len(self.events) + 1:024d}", "type": kind, "created_at": iso(self.now()),
            "data": {"payment": one.id, "reference": one.reference, **more},
        }  # fmt: skip
        self.events.append(made)
        self.on_event(made)

    def charges(self) -> list[Entry]:
        """Every charge in the books."""
        return [entry for entry in self.entries if entry.kind == "charge"]


def _page(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"data": list(rows), "has_more": False}


def signed(
    event: dict[str, Any], *, at: float, secret: str = SECRET
) -> tuple[dict[str, str], bytes]:
    """Return an event as it comes over the wire."""
    body = json.dumps(event, separators=(",", ":"))
    moment = datetime.fromtimestamp(int(at), UTC)
    headers = {
        "webhook-id": event["id"],
        "webhook-timestamp": str(int(at)),
        "webhook-signature": Webhook(secret).sign(event["id"], moment, body),
    }
    return headers, body.encode()


def iso(moment: float | None) -> str | None:
    """Return a moment as the API writes it."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()
