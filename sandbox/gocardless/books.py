"""What the stand-in knows, and what it does with it.

Source: GoCardless's API reference of version 2015-07-06 [docs]; none of it was compared with the
real service. Only what our adapter uses is here, and it is strict about that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

Answer = tuple[int, dict[str, Any]]
_SCHEMES: Final = {"bacs": "GBP", "sepa_core": "EUR"}
_CHARGEABLE: Final = {"pending_customer_approval", "pending_submission", "submitted", "active"}


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, kind: str, reason: str, **links: str) -> None:
        super().__init__(reason)
        problem = {"reason": reason, "message": reason, "links": links}
        error = {"type": kind, "code": status, "message": reason, "errors": [problem]}
        self.answer: Answer = (status, {"error": error})


class Books:
    """One account's objects, by id, in the order of making."""

    def __init__(self) -> None:
        self.billing_requests: dict[str, dict[str, Any]] = {}
        self.mandates: dict[str, dict[str, Any]] = {}
        self.customer_bank_accounts: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.creditors = {"CR1": {"id": "CR1", "name": "Northwind Traders"}}
        self.keys: dict[tuple[str, str], str] = {}
        self._made = 0

    def ask(self, asked: dict[str, Any], key: str) -> Answer:
        """Make a billing request for a mandate."""
        self._once("billing_requests", key)
        _only(asked, "mandate_request", "metadata")
        wish = asked["mandate_request"]
        _only(wish, "currency", "scheme")
        if _SCHEMES.get(wish["scheme"]) != wish["currency"]:
            raise Refusal(422, "validation_failed", "currency does not fit the scheme")
        made = {
            "id": self._id("BRQ"),
            "created_at": _now(),
            "status": "pending",
            "mandate_request": wish,
            "metadata": _metadata(asked),
            "links": {"creditor": "CR1"},
        }
        return self._keep("billing_requests", made, key)

    def link(self, asked: dict[str, Any]) -> Answer:
        """Make a link to a billing request's pages; the same key brings another one."""
        _only(asked, "redirect_uri", "exit_uri", "links")
        request = self._get("billing_requests", asked["links"]["billing_request"])
        if request["status"] in {"fulfilled", "cancelled"}:
            raise Refusal(422, "invalid_state", "billing request is not pending")
        id_ = self._id("BRF")
        url = f"https://pay.gocardless.com/billing/static/flow?id={id_}"
        return 201, {"billing_request_flows": {"id": id_, "authorisation_url": url}}

    def debit(self, asked: dict[str, Any], key: str) -> Answer:
        """Take money from the account of a mandate."""
        self._once("payments", key)
        _only(asked, "amount", "currency", "description", "links", "metadata")
        mandate = self._get("mandates", asked["links"]["mandate"])
        if mandate["status"] not in _CHARGEABLE:
            raise Refusal(422, "invalid_state", "mandate_is_inactive")
        if _SCHEMES[mandate["scheme"]] != asked["currency"] or asked["amount"] <= 0:
            raise Refusal(422, "validation_failed", "amount or currency is not right")
        made = {
            "id": self._id("PM"),
            "created_at": _now(),
            "charge_date": f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}",
            "amount": asked["amount"],
            "currency": asked["currency"],
            "status": "pending_submission",
            "metadata": _metadata(asked),
            "links": {"mandate": mandate["id"], "creditor": "CR1"},
        }
        return self._keep("payments", made, key)

    def cancel(self, kind: str, id_: str) -> Answer:
        """Cancel a billing request, a mandate or a payment."""
        row = self._get(kind, id_)
        over = {
            "billing_requests": row["status"] in {"fulfilled", "cancelled"},
            "mandates": row["status"] not in _CHARGEABLE,
            "payments": row["status"] != "pending_submission",
        }
        if over[kind]:
            raise Refusal(422, "invalid_state", "cancellation_failed")
        row["status"] = "cancelled"
        return 200, {kind: row}

    def read(self, kind: str, id_: str) -> Answer:
        """Return one object."""
        return 200, {kind: self._get(kind, id_)}

    def list_(self, kind: str, query: dict[str, str]) -> Answer:
        """Return some objects, oldest first; ``after`` is the last id of the page before."""
        rows: list[dict[str, Any]] = list(getattr(self, kind).values())
        for name in ("mandate", "payment"):
            if name in query:
                rows = [row for row in rows if row["links"].get(name) == query[name]]
        if "after" in query:
            ids = [row["id"] for row in rows]
            rows = rows[ids.index(query["after"]) + 1 :]
        limit = int(query.get("limit", "50"))
        after = rows[limit - 1]["id"] if len(rows) > limit else None
        return 200, {kind: rows[:limit], "meta": {"cursors": {"before": None, "after": after}}}

    def agree(self, id_: str) -> None:
        """The payer types in an account on the pages, and agrees."""
        account, mandate = self._id("BA"), self._id("MD")
        request = self.billing_requests[id_]
        self.customer_bank_accounts[account] = {
            "id": account,
            "bank_name": "BARCLAYS BANK PLC",
            "account_number_ending": "11",
        }
        self.mandates[mandate] = {
            "id": mandate,
            "reference": f"QUIT-{mandate}",
            "scheme": request["mandate_request"]["scheme"],
            "status": "pending_submission",
            "links": {"customer": self._id("CU"), "customer_bank_account": account},
        }
        request["status"] = "fulfilled"
        request["links"] |= {
            "mandate_request_mandate": mandate,
            "customer": self.mandates[mandate]["links"]["customer"],
        }

    def decide(self, id_: str, status: str, cause: str = "") -> None:
        """The bank decides on a payment."""
        self.payments[id_]["status"] = status
        event = self._id("EV")
        self.events[event] = {
            "id": event,
            "resource_type": "payments",
            "action": status,
            "links": {"payment": id_},
            "details": {"cause": cause or f"payment_{status}", "description": cause},
        }

    def _once(self, kind: str, key: str) -> None:
        made = self.keys.get((kind, key)) if key else None
        if made:
            raise Refusal(
                409, "invalid_state", "idempotent_creation_conflict", conflicting_resource_id=made
            )

    def _keep(self, kind: str, row: dict[str, Any], key: str) -> Answer:
        getattr(self, kind)[row["id"]] = row
        if key:
            self.keys[kind, key] = row["id"]
        return 201, {kind: dict(row)}

    def _get(self, kind: str, id_: str) -> dict[str, Any]:
        row: dict[str, Any] | None = getattr(self, kind).get(id_)
        if row is None:
            raise Refusal(404, "invalid_api_usage", "resource_not_found")
        return row

    def _id(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}{self._made:06}"


def _only(asked: dict[str, Any], *names: str) -> None:
    for name in asked:
        if name not in names:
            raise Refusal(422, "validation_failed", f"unpermitted_attributes: {name}")


def _metadata(asked: dict[str, Any]) -> dict[str, str]:
    told: dict[str, str] = asked.get("metadata", {})
    if len(told) > 3 or any(len(name) > 50 or len(text) > 500 for name, text in told.items()):
        raise Refusal(422, "validation_failed", "metadata is too large")
    return told


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
