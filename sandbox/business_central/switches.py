"""How the company is set up: what an administrator decides and no standard API shows.

Sources: the setup tables that features 5.7 and facts 2.5 to 2.7 name. All are off at first.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.business_central import ledger
from sandbox.business_central.asked import Mistake
from sandbox.business_central.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """One company's setup. Days and seconds are whole; amounts are in the invoice's currency."""

    # General Ledger Setup
    payment_discount_grace_days: int = 0
    payment_tolerance_percent: Decimal = Decimal(0)
    max_payment_tolerance: Decimal = Decimal(0)
    payment_tolerance_warning: bool = False  # on: nobody answers it, so nothing is tolerated
    payment_discount_tolerance_warning: bool = False
    post_with_job_queue: bool = False
    # Sales & Receivables Setup: "Appln. between Currencies" is None (false) or All
    appln_between_currencies: bool = False
    # The journal templates
    force_doc_balance: bool = True
    increment_batch_name: bool = False
    # Workflow "General Journal Batch Approval"
    journal_approval: bool = False
    # How long a job waits in the queue, on the sandbox's clock
    job_queue_seconds: int = 0


# What an administrator has made before these can be used.
_ACCOUNTS = (
    (ledger.TOLERANCE, "Payment tolerance", "Income"),
    (ledger.EXCHANGE_GAINS, "Realised exchange gains", "Income"),
    (ledger.EXCHANGE_LOSSES, "Realised exchange losses", "Expense"),
)


def current(session: Session) -> Switches:
    """The company's setup as it is now."""
    kept = {
        row["name"]: row["value"]
        for row in session.rows("SELECT name, value FROM setting WHERE name LIKE 'switch:%'")
    }
    given = {
        field.name: _read(field.name, kept[f"switch:{field.name}"])
        for field in fields(Switches)
        if f"switch:{field.name}" in kept
    }
    return Switches(**given)


def change(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Set the switches that are named and return all. Raises ``Mistake``."""
    known = {field.name for field in fields(Switches)}
    for name, value in given.items():
        if name not in known:
            raise Mistake(f"There is no switch {name!r}: {', '.join(sorted(known))}.")
        _read(name, str(value))
        session.db.execute(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
            " value = excluded.value",
            (f"switch:{name}", str(value)),
        )
    if given:
        _make_accounts(session)
    return shown(current(session))


def shown(switches: Switches) -> dict[str, Any]:
    """The setup as JSON; amounts and percentages are text."""
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in asdict(switches).items()
    }


def _read(name: str, text: str) -> Any:
    default = getattr(Switches(), name)
    if isinstance(default, bool):
        if text.lower() not in {"true", "false"}:
            raise Mistake(f"{name} is true or false, not {text!r}.")
        return text.lower() == "true"
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Mistake(f"{name} is a number, not {text!r}.") from None
    if number < 0 or (isinstance(default, int) and number != int(number)):
        raise Mistake(f"{name} cannot be {text}.")
    return int(number) if isinstance(default, int) else number


def _make_accounts(session: Session) -> None:
    for number, name, category in _ACCOUNTS:
        if session.row("SELECT 1 FROM account WHERE number = ?", (number,)) is None:
            session.insert(
                "account",
                {
                    "id": session.new_id(),
                    "number": number,
                    "displayName": name,
                    "category": category,
                    "accountType": "Posting",
                    "directPosting": 0,
                    **session.touched(),
                },
            )
