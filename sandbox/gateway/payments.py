"""The life of a payment: made, paid or declined, settled, returned, cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sandbox.gateway import balance, holding, methods, wishes
from sandbox.gateway.clock import iso, now
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.events import payment_event
from sandbox.gateway.numbers import FAILURES, Deed, TestNumber, brand_of
from sandbox.gateway.store import Row, Store, new_id

OPEN_SECONDS: Final = 24 * 3600  # then an unpaid payment is cancelled
MAX_ATTEMPTS: Final = 5
SLOW: Final = {
    Deed.PROCESS_SUCCEED,
    Deed.PROCESS_FAIL,
    Deed.PROCESS_RETURN,
    Deed.PROCESS_WAIT,
}  # deeds of a bank that works on it first


@dataclass(frozen=True)
class Pace:
    """How fast the pretend banks are, in seconds."""

    settle: float = 3
    returned: float = 10


def create(store: Store, account_id: str, asked: dict[str, Any]) -> Row:
    """Make a payment; no money moves before the payer acts."""
    id_ = new_id("pay")
    with store.transaction():
        store.insert(
            "payment",
            id=id_,
            account_id=account_id,
            state="open",
            created_at=now(),
            expires_at=now() + OPEN_SECONDS,
            **asked,
        )
        payment = get(store, id_)
        store.start_timer("expire", id_, OPEN_SECONDS)
        payment_event(store, payment, "payment.created")
    return payment


def get(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return a payment, of this account if one is given. Raises ``ApiError``."""
    payment = store.one("SELECT * FROM payment WHERE id = ?", id_)
    if payment is None or account_id not in {None, payment["account_id"]}:
        raise missing("payment", id_)
    return payment


def attempt(
    store: Store, payment: Row, number: TestNumber, pace: Pace, *, expires: str = ""
) -> Row:
    """Try to pay with ``number``. Raises ``ApiError`` unless the payment is open."""
    with store.transaction():
        if get(store, payment["id"])["state"] != "open":
            raise ApiError(409, "not_open", f"The payment is {payment['state']}.")
        brand = brand_of(number.number) if number.method == "card" else "bank"
        store.run(
            "UPDATE payment SET attempts = attempts + 1, brand = ?, last4 = ?, step = ''"
            " WHERE id = ?",
            brand,
            number.number[-4:],
            payment["id"],
        )
        wishes.note(store, payment["id"], number, expires)
        holding.note(store, payment["id"], methods.number_key(number))
        match number.deed:
            case Deed.SUCCEED:
                succeed(store, payment["id"])
            case Deed.DECLINE:
                decline(store, payment["id"], number.code)
            case Deed.DISPUTE:
                succeed(store, payment["id"])
                store.start_timer("dispute", payment["id"], pace.returned, code=number.code)
            case Deed.AUTHENTICATE:
                store.run("UPDATE payment SET step = 'authenticate' WHERE id = ?", payment["id"])
            case _:
                process(store, payment["id"], number, pace)
    return get(store, payment["id"])


def process(store: Store, id_: str, number: TestNumber, pace: Pace) -> None:
    """The bank works on it, and says its word later."""
    if holding.keeps_back(store, id_):
        return
    store.run("UPDATE payment SET state = 'processing' WHERE id = ?", id_)
    store.stop_timers(id_, "expire")
    payment_event(store, get(store, id_), "payment.processing")
    match number.deed:
        case Deed.PROCESS_SUCCEED:
            store.start_timer("settle", id_, pace.settle)
        case Deed.PROCESS_FAIL:
            store.start_timer("fail", id_, pace.settle, code=number.code)
        case Deed.PROCESS_RETURN:
            store.start_timer("settle", id_, pace.settle)
            store.start_timer("return", id_, pace.settle + pace.returned, code=number.code)


def succeed(store: Store, id_: str) -> Row:
    """The money is there; the books say so. Once only: a second call changes nothing."""
    with store.transaction():
        payment = get(store, id_)
        if payment["state"] == "succeeded" or holding.keeps_back(store, id_):
            return get(store, id_)
        fee = balance.fee(payment["method"], payment["amount_minor"])
        store.run(
            "UPDATE payment SET state = 'succeeded', step = '', failure_code = '', fee_minor = ?,"
            " succeeded_at = ? WHERE id = ?",
            fee,
            now(),
            id_,
        )
        payment = get(store, id_)
        balance.enter(store, payment, "charge", gross_minor=payment["amount_minor"], fee_minor=fee)
        wishes.grant(store, payment)
        store.stop_timers(id_, "expire", "settle", "fail")
        payment_event(store, payment, "payment.succeeded")
    return payment


def complete(store: Store, id_: str, pace: Pace) -> Row:
    """The merchant says his word; a payment that waits for nobody is only shown."""
    with store.transaction():
        payment = get(store, id_)
        if not holding.waits(store, payment):
            return payment
        number = methods.number_of(holding.release(store, id_))
        if number.deed in SLOW:
            process(store, id_, number, pace)
        else:
            succeed(store, id_)
    return get(store, id_)


def decline(store: Store, id_: str, code: str) -> Row:
    """An attempt failed. The payment stays open, but not after ``MAX_ATTEMPTS``, nor a charge."""
    with store.transaction():
        store.run("UPDATE payment SET step = '', failure_code = ? WHERE id = ?", code, id_)
        payment = get(store, id_)
        payment_event(store, payment, "payment.attempt_failed", code=code)
        if store.one("SELECT 1 FROM charge WHERE payment_id = ?", id_):
            return fail(store, id_, code)
        if payment["attempts"] >= MAX_ATTEMPTS:
            return fail(store, id_, "too_many_attempts")
    return payment


def authenticate(store: Store, id_: str, *, approved: bool) -> Row:
    """The payer answered the bank's question. Raises ``ApiError`` if nothing was asked."""
    with store.transaction():
        payment = get(store, id_)
        if payment["state"] != "open" or payment["step"] != "authenticate":
            raise ApiError(409, "not_asked", "The bank has not asked for anything.")
        if approved:
            return succeed(store, id_)
        return decline(store, id_, "authentication_failed")


def fail(store: Store, id_: str, code: str) -> Row:
    """The payment has come to nothing. Only an open or a processing one can."""
    return _close(store, id_, "failed", code, {"open", "processing"})


def cancel(store: Store, id_: str, code: str = "cancelled") -> Row:
    """Close an open payment; a cancelled one stays so. Raises ``ApiError`` for any other."""
    payment = get(store, id_)
    if payment["state"] == "cancelled":
        return payment
    return _close(store, id_, "cancelled", code, {"open"})


def _close(store: Store, id_: str, state: str, code: str, before: set[str]) -> Row:
    with store.transaction():
        payment = get(store, id_)
        if payment["state"] not in before:
            message = f"The payment is {payment['state']} and can not become {state}."
            raise ApiError(409, f"payment_{payment['state']}", message)
        store.run(
            "UPDATE payment SET state = ?, step = '', failure_code = ? WHERE id = ?",
            state,
            code,
            id_,
        )
        store.stop_timers(id_, "expire", "settle", "fail", "return")
        payment = get(store, id_)
        payment_event(store, payment, f"payment.{state}", code=code)
    return payment


def take_back(store: Store, id_: str, code: str) -> Row:
    """The payer's bank returns a debit that had succeeded: all of it, also what was refunded."""
    with store.transaction():
        payment = get(store, id_)
        is_debit = payment["state"] == "succeeded" and payment["method"] == "bank_debit"
        if not is_debit or payment["returned_minor"]:
            message = "Only a bank debit that succeeded can be returned, and only once."
            raise ApiError(409, "not_returnable", message)
        add(store, id_, "returned_minor", payment["amount_minor"])
        balance.enter(store, payment, "return", gross_minor=-payment["amount_minor"], code=code)
        store.stop_timers(id_, "return")
        payment = get(store, id_)
        payment_event(store, payment, "payment.returned", code=code)
    return payment


def rest(payment: Row) -> int:
    """Return what can still be refunded: captured less refunded, returned and disputed."""
    gone = payment["refunded_minor"] + payment["returned_minor"] + payment["disputed_minor"]
    return max(0, int(payment["amount_minor"]) - int(gone))


def add(store: Store, id_: str, column: str, minor: int) -> None:
    """Add to one of the sums of what left again; the database keeps it within the amount."""
    sql = f"UPDATE payment SET {column} = {column} + ? WHERE id = ?"  # noqa: S608 - our own word
    store.run(sql, minor, id_)


def shown(payment: Row, public_url: str) -> dict[str, Any]:
    """Return a payment as the API shows it."""
    code = payment["failure_code"]
    instrument = {"brand": payment["brand"], "last4": payment["last4"]}
    names = ("id", "reference", "amount_minor", "currency", "method", "description", "state")
    more = ("return_url", "cancel_url", "locale", "attempts")
    gone = ("refunded_minor", "returned_minor", "disputed_minor")
    return {
        **{name: payment[name] for name in names},
        "url": f"{public_url}/pay/{payment['id']}" if payment["state"] == "open" else None,
        **{name: payment[name] for name in (*more, *gone)},
        "instrument": instrument if payment["last4"] else None,
        "failure": {"code": code, "message": FAILURES.get(code, code)} if code else None,
        "fee_minor": payment["fee_minor"],
        "created_at": iso(payment["created_at"]),
        "expires_at": iso(payment["expires_at"]),
        "succeeded_at": iso(payment["succeeded_at"]),
    }
