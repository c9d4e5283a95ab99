"""Disputes: a bank's chargebacks take the money at once, PayPal's own inquiries hold it."""

from __future__ import annotations

from typing import Any, Final

from sandbox.paypal import amounts, books, captures, events
from sandbox.paypal.errors import ApiError, invalid
from sandbox.paypal.moments import iso
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Store, Thing, new_id
from sandbox.serving.clock import now

ANSWER_SECONDS: Final = 10 * 86400
Body = dict[str, Any]
_LISTED: Final = (
    "dispute_id", "create_time", "update_time", "reason", "status", "dispute_state",
    "dispute_amount", "dispute_life_cycle_stage", "dispute_channel", "seller_response_due_date",
)  # fmt: skip


def begin(
    store: Store, capture_id: str, *, minor: int | None, reason: str, external: bool, fee_minor: int
) -> Thing:
    """Open a dispute about a captured payment, or a part of it. Raises ``ApiError``."""
    capture = store.get("capture", capture_id)
    rest = capture.hidden["minor"] - capture.hidden["gone_minor"]
    minor, currency = rest if minor is None else minor, capture.hidden["currency"]
    if capture.shown["status"] in {"PENDING", "DECLINED"} or not 0 < minor <= rest:
        raise ApiError(409, "RESOURCE_CONFLICT", "NOT_DISPUTABLE")
    id_ = f"PP-D-{new_id(8)}"
    shown = {
        "dispute_id": id_,
        "create_time": iso(now()),
        "update_time": iso(now()),
        "disputed_transactions": [
            {
                "seller_transaction_id": capture_id,
                "create_time": iso(capture.created_at),
                "transaction_status": "COMPLETED",
                "gross_amount": capture.shown["amount"],
                "seller": {"merchant_id": capture.account_id},
            }
        ],
        "reason": reason,
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_state": "REQUIRED_ACTION",
        "dispute_amount": amounts.shown(minor, currency),
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "EXTERNAL" if external else "INTERNAL",
        "seller_response_due_date": iso(now() + ANSWER_SECONDS),
    }
    hidden = {"minor": minor, "currency": currency}
    dispute = store.add("dispute", id_, capture.account_id, shown, owner=capture_id, hidden=hidden)
    captures.add_gone(store, capture, minor)
    line = _enter(store, dispute, "T1201" if external else "T1110", -minor)
    if fee_minor:  # a second line of the same transaction
        _enter(store, dispute, "T0106", -fee_minor, transaction_id=line)
    return _told(store, dispute, "CREATED")


def review(store: Store, dispute: Thing) -> Thing:
    """The seller has answered with evidence; it is looked at."""
    _must_be_open(dispute)
    dispute.shown |= {"status": "UNDER_REVIEW", "dispute_state": "UNDER_PAYPAL_REVIEW"}
    dispute.shown.pop("seller_response_due_date", None)
    return _told(store, dispute, "UPDATED")


def end(store: Store, dispute: Thing, *, won: bool, accepted: bool = False) -> Thing:
    """Decide a dispute: the money comes back to the seller, or it is gone."""
    _must_be_open(dispute)
    outcome = (
        "RESOLVED_SELLER_FAVOUR" if won else "ACCEPTED" if accepted else "RESOLVED_BUYER_FAVOUR"
    )
    dispute.shown |= {
        "status": "RESOLVED",
        "dispute_state": "RESOLVED",
        "dispute_outcome": {"outcome_code": outcome},
    }
    dispute.shown.pop("seller_response_due_date", None)
    external = dispute.shown["dispute_channel"] == "EXTERNAL"
    minor = dispute.hidden["minor"]
    if won:
        captures.add_gone(store, store.get("capture", dispute.owner), -minor)
        _enter(store, dispute, "T1202" if external else "T1111", minor)
    elif not external:  # the hold ends, and then the money goes
        _enter(store, dispute, "T1111", minor)
        _enter(store, dispute, "T1106", -minor)
    return _told(store, dispute, "RESOLVED")


def listed(sandbox: Sandbox, account_id: str, transaction: str) -> list[Body]:
    """Return an account's disputes, of one transaction if one is named, the newest first."""
    every = sandbox.store.of_account(account_id, "dispute")
    return [
        {
            **{name: each.shown[name] for name in _LISTED if name in each.shown},
            "links": [sandbox.link("self", f"/v1/customer/disputes/{each.id}")],
        }
        for each in reversed(every)
        if transaction in {"", each.owner}
    ]


def shown(sandbox: Sandbox, dispute: Thing) -> Body:
    """Return a dispute as its own address shows it."""
    path = f"/v1/customer/disputes/{dispute.id}"
    links = [sandbox.link("self", path)]
    if dispute.shown["status"] == "WAITING_FOR_SELLER_RESPONSE":
        links.append(sandbox.link("accept_claim", f"{path}/accept-claim", "POST"))
        links.append(sandbox.link("provide_evidence", f"{path}/provide-evidence", "POST"))
    return {**_whole(dispute), "links": links}


def _whole(dispute: Thing) -> Body:
    """Return a dispute without what only a list shows of it."""
    return {name: value for name, value in dispute.shown.items() if name != "dispute_state"}


def _must_be_open(dispute: Thing) -> None:
    if dispute.shown["status"] == "RESOLVED":
        raise invalid("DISPUTE_ALREADY_RESOLVED", "/")


def _enter(store: Store, dispute: Thing, code: str, minor: int, *, transaction_id: str = "") -> str:
    return books.enter(
        store,
        dispute.account_id,
        code,
        gross_minor=minor,
        currency=dispute.hidden["currency"],
        related=dispute.owner,
        transaction_id=transaction_id,
    )


def _told(store: Store, dispute: Thing, what: str) -> Thing:
    dispute.shown["update_time"] = iso(now())
    store.save(dispute)
    events.record(
        store, dispute.account_id, f"CUSTOMER.DISPUTE.{what}", _whole(dispute),
        resource_type="dispute",
    )  # fmt: skip
    return dispute
