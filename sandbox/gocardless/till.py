"""The money that lies at the stand-in: refunds, payouts with their items, and balances.

Source: GoCardless's API reference of version 2015-07-06 [docs]. What a bounced payout does to the
balances is a guess [?], and so are the fees: one percent and 20 minor units.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from sandbox.gocardless.answers import Answer, Refusal, metadata_of, now, only

if TYPE_CHECKING:
    from sandbox.gocardless.books import Books

_MOST_REFUNDS: Final = 5  # of one payment [docs]


class Till:
    """What was not paid out yet, by currency, and what each payout paid."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.paid: dict[str, list[dict[str, Any]]] = {}

    def moved(self, payment: dict[str, Any], type_: str, amount: int, **links: str) -> None:
        """Money of a payment came or left; a fee comes and goes with the payment itself."""
        about = {"payment": payment["id"], **links}
        items = self.waiting[payment["currency"]]
        items.append({"type": type_, "amount": f"{amount}.0", "links": about, "taxes": []})
        if type_ in {"payment_paid_out", "payment_failed", "payment_charged_back"}:
            sign = -1 if type_ == "payment_paid_out" else 1
            fee = sign * (Decimal(abs(amount)) / 100 + 20)
            items.append(
                {"type": "gocardless_fee", "amount": f"{fee:.1f}", "links": about, "taxes": []}
            )

    def refund(self, asked: dict[str, Any], key: str) -> Answer:
        """Send a part of a payment back."""
        self.books.once("refunds", key)
        only(asked, "amount", "total_amount_confirmation", "links", "metadata")
        payment = self.books.get("payments", asked["links"]["payment"])
        if payment["status"] not in {"confirmed", "paid_out"}:
            raise Refusal(422, "invalid_state", "refund_payment_invalid_state")
        total = payment["amount_refunded"] + asked["amount"]
        if asked["total_amount_confirmation"] != total or total > payment["amount"]:
            raise Refusal(422, "validation_failed", "total_amount_confirmation_invalid")
        earlier = [
            each
            for each in self.books.refunds.values()
            if each["links"]["payment"] == payment["id"] and each["status"] != "funds_returned"
        ]
        if len(earlier) >= _MOST_REFUNDS:
            raise Refusal(422, "invalid_state", "number_of_refunds_exceeded")
        made = {
            "id": self.books.new_id("RF"),
            "created_at": now(),
            "amount": asked["amount"],
            "currency": payment["currency"],
            "status": "created",
            "metadata": metadata_of(asked),
            "links": {"payment": payment["id"], "mandate": payment["links"]["mandate"]},
        }
        payment["amount_refunded"] = total
        self.moved(payment, "payment_refunded", -asked["amount"], refund=made["id"])
        answer = self.books.keep("refunds", made, key)
        self.books.tell("refunds", "created", {"refund": made["id"]}, "payment_refunded")
        return answer

    def decide_refund(self, id_: str, *, failed: bool) -> None:
        """The payer's bank took a refund, or the money came back to us."""
        refund = self.books.refunds[id_]
        payment = self.books.payments[refund["links"]["payment"]]
        refund["status"] = "funds_returned" if failed else "paid"
        if failed:
            self.books.tell("refunds", "failed", {"refund": id_}, "refund_failed")
            payment["amount_refunded"] -= refund["amount"]
            self.moved(payment, "refund_funds_returned", refund["amount"], refund=id_)
        self.books.tell("refunds", refund["status"], {"refund": id_}, f"refund_{refund['status']}")

    def cancel_refund(self, id_: str) -> None:
        """A refund is cancelled before it is sent: its status says so, no event does [?]."""
        refund = self.books.refunds[id_]
        payment = self.books.payments[refund["links"]["payment"]]
        refund["status"] = "cancelled"
        payment["amount_refunded"] -= refund["amount"]
        self.moved(payment, "refund_funds_returned", refund["amount"], refund=id_)

    def pay_out(self) -> None:
        """Pay out each currency that is above zero."""
        for currency, items in list(self.waiting.items()):
            amount = _rounded(items)
            if amount <= 0:
                continue
            money = [each for each in items if each["type"] != "gocardless_fee"]
            id_ = self.books.new_id("PO")
            self.books.payouts[id_] = {
                "id": id_,
                "created_at": now(),
                "amount": amount,
                "currency": currency,
                "deducted_fees": _rounded(money) - amount,
                "status": "paid",
                "links": {"creditor": "CR1"},
            }
            self.paid[id_], self.waiting[currency] = items, []
            for item in items:
                if item["type"] == "payment_paid_out":
                    payment = self.books.payments[item["links"]["payment"]]
                    paid = payment["status"] == "confirmed"
                    payment["status"] = "paid_out" if paid else payment["status"]
                    about = {"payment": payment["id"], "payout": id_}
                    self.books.tell("payments", "paid_out", about, "payment_paid_out")
            self.books.tell("payouts", "paid", {"payout": id_}, "payout_paid")

    def bounce(self, id_: str) -> None:
        """Our bank sent a payout back: its status says so, no event does."""
        self.books.payouts[id_]["status"] = "bounced"

    def pay_again(self, id_: str) -> None:
        """A payout that bounced is paid once more."""
        self.books.payouts[id_]["status"] = "paid"
        self.books.tell("payouts", "paid", {"payout": id_}, "payout_paid")

    def items(self, payout_id: str) -> Answer:
        """Return what a payout consists of."""
        self.books.get("payouts", payout_id)
        cursors = {"before": None, "after": None}
        return 200, {"payout_items": self.paid[payout_id], "meta": {"cursors": cursors}}

    def balances(self) -> Answer:
        """Return what lies here."""
        rows = []
        for currency, items in self.waiting.items():
            bounced = sum(
                each["amount"]
                for each in self.books.payouts.values()
                if (each["status"], each["currency"]) == ("bounced", currency)
            )
            held = {"confirmed_funds": _rounded(items), "pending_payouts": bounced}
            rows += [
                {"amount": amount, "currency": currency, "balance_type": type_}
                for type_, amount in held.items()
            ]
        return 200, {"balances": rows, "meta": {"cursors": {"before": None, "after": None}}}


def _rounded(items: list[dict[str, Any]]) -> int:
    total = sum((Decimal(each["amount"]) for each in items), Decimal())
    return int(total.quantize(Decimal(1), ROUND_HALF_UP))
