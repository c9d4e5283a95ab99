"""Draws the life cycles out of the code: ``python -m docs.life_cycles`` writes the page anew."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "reference" / "life-cycles.md"
_BEGIN = """\
# Life cycles

Sixteen things here have a status. This page is drawn from the code: the steps are the tables in
[`payments/transitions.py`](../../quittance/payments/transitions.py),
[`posting/transitions.py`](../../quittance/posting/transitions.py),
[`reconciliation/transitions.py`](../../quittance/reconciliation/transitions.py),
[`transfers/transitions.py`](../../quittance/transfers/transitions.py),
[`disputes/transitions.py`](../../quittance/disputes/transitions.py),
[`approvals/transitions.py`](../../quittance/approvals/transitions.py),
[`arrivals/transitions.py`](../../quittance/arrivals/transitions.py),
[`confirmations/transitions.py`](../../quittance/confirmations/transitions.py) and
[`wallet/transitions.py`](../../quittance/wallet/transitions.py), the words beside each status
stand beside it in the models. `python -m docs.life_cycles` writes it anew; a test fails
when page and code differ.

A status says who has the next move. Why something ended is a column beside it (`reason`,
`rejection`, `problem`), not another status. The database keeps the same steps: a trigger refuses
any other and writes each one down with its cause and its actor
([decision](../decisions/0007-statuses-are-kept-by-a-trigger.md)).
"""


@dataclass(frozen=True, slots=True)
class Life:
    """One life cycle: its name, a sentence, where it begins, its steps, who has the next move."""

    name: str
    sentence: str
    first: str
    steps: Mapping[str, frozenset[str]]
    next_moves: Mapping[str, str]


def lives() -> Iterator[Life]:
    """Read the life cycles out of the code. Django must be set up."""
    from quittance.payments import transitions as payments
    from quittance.payments.models import Allocation, Dispute, GatewayAttempt, Payment, Reversal
    from quittance.posting import transitions as posting
    from quittance.posting.models import ErpPosting
    from quittance.reconciliation import transitions as reconciliation
    from quittance.reconciliation.models import Finding
    from quittance.transfers import transitions as transfers
    from quittance.transfers.models import Announcement, BankEntry
    from quittance.wallet import transitions as wallet
    from quittance.wallet.models import KeptMethod, Saving

    for name, sentence, model, steps in (
        ("Payment", "One attempt of a payer to pay.", Payment, payments.PAYMENT),
        (
            "Attempt",
            "One object at the gateway for one payment.",
            GatewayAttempt,
            payments.ATTEMPT,
        ),
        (
            "Allocation",
            "Which part of a payment pays which invoice.",
            Allocation,
            payments.ALLOCATION,
        ),
        (
            "Credit use",
            "How much of a credit pays which invoice; it lives as its allocation does.",
            Allocation,
            payments.ALLOCATION,
        ),
        ("Reversal", "Money that goes back, or is taken back.", Reversal, payments.REVERSAL),
        ("Dispute", "The payer's bank asks the money back.", Dispute, payments.DISPUTE),
        ("Posting", "What the ERP is told about the money.", ErpPosting, posting.NEXT),
        ("Finding", "What is not as it must be.", Finding, reconciliation.FINDING),
        (
            "Announcement",
            "A bank transfer that a payer has said to make.",
            Announcement,
            transfers.ANNOUNCEMENT,
        ),
        ("Bank entry", "A movement on the seller's bank account.", BankEntry, transfers.ENTRY),
        ("Kept method", "A way to pay that a gateway keeps.", KeptMethod, wallet.METHOD),
        _invoice_dispute(),
        ("Saving", "An attempt of a payer to have one kept.", Saving, wallet.SAVING),
        _approval_request(),
        _join_request(),
        _confirmation(),
    ):
        first = str(model._meta.get_field("status").get_default())
        yield Life(name, sentence, first, _plain(steps), _next_moves(model.Status))


def _invoice_dispute() -> tuple[str, str, type[Any], Mapping[str, frozenset[str]]]:
    from quittance.disputes.models import InvoiceDispute
    from quittance.disputes.transitions import DISPUTE

    return "Invoice dispute", "A buyer says that an invoice is wrong.", InvoiceDispute, DISPUTE


def _join_request() -> tuple[str, str, type[Any], Mapping[str, frozenset[str]]]:
    from quittance.arrivals.models import JoinRequest
    from quittance.arrivals.transitions import REQUEST

    sentence = "Somebody who knew an account's invoices asks to act for it."
    return "Join request", sentence, JoinRequest, REQUEST


def _approval_request() -> tuple[str, str, type[Any], Mapping[str, frozenset[str]]]:
    from quittance.approvals.models import ApprovalRequest
    from quittance.approvals.transitions import REQUEST

    sentence = "A basket, sealed, that another person of the customer's is to see first."
    return "Approval request", sentence, ApprovalRequest, REQUEST


def _confirmation() -> tuple[str, str, type[Any], Mapping[str, frozenset[str]]]:
    from quittance.confirmations.models import Confirmation
    from quittance.confirmations.transitions import CONFIRMATION

    sentence = "An act of one of the seller's people that another is to confirm first."
    return "Confirmation", sentence, Confirmation, CONFIRMATION


def page() -> str:
    """Return the whole page as it must be."""
    return "\n".join([_BEGIN, *(_section(life) for life in lives())])


def _plain(steps: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {str(status): frozenset(map(str, after)) for status, after in steps.items()}


def _next_moves(status: type) -> dict[str, str]:
    """Return the comment beside each status in the model's source."""
    lines = re.findall(r'= "(\w+)"\s*# (.+)', inspect.getsource(status))
    return dict(lines)


def _section(life: Life) -> str:
    picture = [f"    [*] --> {life.first}"]
    for status, after in life.steps.items():
        picture += [f"    {status} --> {each}" for each in sorted(after)]
        if not after:
            picture.append(f"    {status} --> [*]")
    rows = [f"| `{status}` | {life.next_moves[status]} |" for status in life.steps]
    head = "what it means" if life.name in {"Allocation", "Credit use"} else "who has the next move"
    return "\n".join(
        [
            f"## {life.name}\n\n{life.sentence}\n",
            "```mermaid\nstateDiagram-v2",
            *picture,
            "```\n",
            f"| Status | {head} |\n|---|---|",
            *rows,
            "",
        ]
    )


def set_up() -> None:
    """Set Django up without a database."""
    import django

    from checks.__main__ import SETTINGS  # what no program of the page connects to

    os.environ.update(SETTINGS, DJANGO_SETTINGS_MODULE="quittance.project.settings")
    django.setup()


if __name__ == "__main__":
    set_up()
    PAGE.write_text(page(), encoding="utf-8")
