"""What the stand-in knows, and what it does with it.

Source: GoCardless's API reference of version 2015-07-06 [docs]; none of it was compared with the
real service. Only what our adapter uses is here, and it is strict about that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.gocardless.answers import Answer, Refusal, listed, metadata_of, now, only
from sandbox.gocardless.till import Till

_SCHEMES: Final = {"bacs": "GBP", "sepa_core": "EUR"}
_CHARGEABLE: Final = {"pending_customer_approval", "pending_submission", "submitted", "active"}
_FILTERS: Final = ("mandate", "payment", "refund", "payout")
_TAKEN: Final = {"failed": "payment_failed", "charged_back": "payment_charged_back"}


class Books:
    """One account's objects, by id, in the order of making."""

    def __init__(self) -> None:
        self.billing_requests: dict[str, dict[str, Any]] = {}
        self.mandates: dict[str, dict[str, Any]] = {}
        self.customer_bank_accounts: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.payouts: dict[str, dict[str, Any]] = {}
        self.till = Till(self)
        self.creditors = {"CR1": {"id": "CR1", "name": "Northwind Traders", "created_at": now()}}
        self.keys: dict[tuple[str, str], str] = {}
        self._made = 0

    def ask(self, asked: dict[str, Any], key: str) -> Answer:
        """Make a billing request for a mandate."""
        self.once("billing_requests", key)
        only(asked, "mandate_request", "metadata")
        wish = asked["mandate_request"]
        only(wish, "currency", "scheme")
        if _SCHEMES.get(wish["scheme"]) != wish["currency"]:
            raise Refusal(422, "validation_failed", "currency does not fit the scheme")
        made = {
            "id": self.new_id("BRQ"),
            "created_at": now(),
            "status": "pending",
            "mandate_request": wish,
            "metadata": metadata_of(asked),
            "links": {"creditor": "CR1"},
        }
        return self.keep("billing_requests", made, key)

    def link(self, asked: dict[str, Any]) -> Answer:
        """Make a link to a billing request's pages; the same key brings another one."""
        only(asked, "redirect_uri", "exit_uri", "links")
        request = self.get("billing_requests", asked["links"]["billing_request"])
        if request["status"] in {"fulfilled", "cancelled"}:
            raise Refusal(422, "invalid_state", "billing request is not pending")
        id_ = self.new_id("BRF")
        url = f"https://pay.gocardless.com/billing/static/flow?id={id_}"
        return 201, {"billing_request_flows": {"id": id_, "authorisation_url": url}}

    def debit(self, asked: dict[str, Any], key: str) -> Answer:
        """Take money from the account of a mandate."""
        self.once("payments", key)
        only(asked, "amount", "currency", "description", "links", "metadata")
        mandate = self.get("mandates", asked["links"]["mandate"])
        if mandate["status"] not in _CHARGEABLE:
            raise Refusal(422, "invalid_state", "mandate_is_inactive")
        if _SCHEMES[mandate["scheme"]] != asked["currency"] or asked["amount"] <= 0:
            raise Refusal(422, "validation_failed", "amount or currency is not right")
        made = {
            "id": self.new_id("PM"),
            "created_at": now(),
            "charge_date": f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}",
            "amount": asked["amount"],
            "amount_refunded": 0,
            "currency": asked["currency"],
            "status": "pending_submission",
            "metadata": metadata_of(asked),
            "links": {"mandate": mandate["id"], "creditor": "CR1"},
        }
        return self.keep("payments", made, key)

    def cancel(self, kind: str, id_: str) -> Answer:
        """Cancel a billing request, a mandate or a payment."""
        row = self.get(kind, id_)
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
        return 200, {kind: self.get(kind, id_)}

    def list_(self, kind: str, query: dict[str, str]) -> Answer:
        """Return some objects, newest first."""
        rows: list[dict[str, Any]] = list(getattr(self, kind).values())
        for name in _FILTERS:
            if name in query:
                rows = [row for row in rows if row["links"].get(name) == query[name]]
        return listed(kind, rows, query)

    def agree(self, id_: str) -> None:
        """The payer types in an account on the pages, and agrees."""
        account, mandate = self.new_id("BA"), self.new_id("MD")
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
            "links": {"customer": self.new_id("CU"), "customer_bank_account": account},
        }
        request["status"] = "fulfilled"
        request["links"] |= {
            "mandate_request_mandate": mandate,
            "customer": self.mandates[mandate]["links"]["customer"],
        }

    def decide(self, id_: str, status: str, cause: str = "", reason_code: str = "") -> None:
        """The bank decides on a payment; what was confirmed can still fail, or be charged back."""
        payment = self.payments[id_]
        was_ours = payment["status"] in {"confirmed", "paid_out"}
        payment["status"] = "paid_out" if status == "chargeback_cancelled" else status
        self.tell("payments", status, {"payment": id_}, cause or f"payment_{status}", reason_code)
        if status in {"confirmed", "chargeback_cancelled"}:
            self.till.moved(payment, "payment_paid_out", payment["amount"])
        elif was_ours and status in _TAKEN:
            self.till.moved(payment, _TAKEN[status], -payment["amount"])

    def tell(
        self, kind: str, action: str, links: dict[str, str], cause: str, reason_code: str = ""
    ) -> None:
        """Write down that something happened."""
        id_ = self.new_id("EV")
        self.events[id_] = {
            "id": id_,
            "created_at": now(),
            "resource_type": kind,
            "action": action,
            "links": links,
            "details": {"cause": cause, "description": cause, "reason_code": reason_code},
        }

    def once(self, kind: str, key: str) -> None:
        """Refuse a key that was used, and name what it made."""
        made = self.keys.get((kind, key)) if key else None
        if made:
            raise Refusal(
                409, "invalid_state", "idempotent_creation_conflict", conflicting_resource_id=made
            )

    def keep(self, kind: str, row: dict[str, Any], key: str) -> Answer:
        """Keep what was made and answer with it."""
        getattr(self, kind)[row["id"]] = row
        if key:
            self.keys[kind, key] = row["id"]
        return 201, {kind: dict(row)}

    def get(self, kind: str, id_: str) -> dict[str, Any]:
        """Return one row. Refuses when there is none."""
        row: dict[str, Any] | None = getattr(self, kind).get(id_)
        if row is None:
            raise Refusal(404, "invalid_api_usage", "resource_not_found")
        return row

    def new_id(self, prefix: str) -> str:
        """Return an id that nothing has yet."""
        self._made += 1
        return f"{prefix}{self._made:06}"
