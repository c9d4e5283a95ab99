"""Proves that a bank account is the payer's: two small deposits, or a code beside one.

Source: docs.stripe.com/payments/ach-direct-debit/accept-a-payment, test values included [docs].
"""

from __future__ import annotations

from typing import Any

from sandbox.stripe.clock import stamp
from sandbox.stripe.errors import StripeError, invalid, unexpected
from sandbox.stripe.numbers import DESCRIPTOR_CODE, MICRO_AMOUNTS
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Thing

_TRIES = 3
_PROBLEM = "payment_method_microdeposit_verification_"
EXCEEDED = f"{_PROBLEM}attempts_exceeded"


def is_needed(method: Thing) -> bool:
    """Say whether a payment method must be proven before it is used."""
    return method.shown["type"] == "us_bank_account" and not method.hidden.get("verified")


def is_instant(thing: Thing) -> bool:
    """Say whether a session or an intent takes only accounts that are proven at once."""
    options = (thing.shown["payment_method_options"] or {}).get("us_bank_account") or {}
    return options.get("verification_method") == "instant"


def forbid_if_instant(intent: Thing) -> None:
    """Raise ``StripeError`` where only an account is taken that its bank proves at once."""
    if is_instant(intent):
        raise invalid("This payment takes only an account that is verified instantly.")


def ask(sandbox: Sandbox, thing: Thing) -> None:
    """Set the next step of a payment or setup intent to the proof."""
    thing.shown["status"] = "requires_action"
    thing.shown["next_action"] = {
        "type": "verify_with_microdeposits",
        "verify_with_microdeposits": {
            "arrival_date": stamp() + 86400,
            "hosted_verification_url": f"{sandbox.public_url}/microdeposits/{thing.id}",
            "microdeposit_type": thing.hidden.get("proof") or "descriptor_code",
        },
    }


def prove(sandbox: Sandbox, thing: Thing, asked: dict[str, Any]) -> Thing:
    """Check what the payer read on the statement and return the proven method.

    Raises ``StripeError``: for a wrong code, and after three of them for good.
    """
    action = thing.shown["next_action"] or {}
    if not action.get("verify_with_microdeposits"):
        raise unexpected(thing.object, thing.shown["status"], "There is nothing to verify.")
    code, amounts = asked.get("descriptor_code"), asked.get("amounts") or []
    if not code and not amounts:
        raise invalid("Provide amounts or descriptor_code.", "descriptor_code")
    sums = sorted(int(each) for each in amounts if str(each).isdecimal())
    if code != DESCRIPTOR_CODE and sums != sorted(MICRO_AMOUNTS):
        tries = thing.hidden["tries"] = thing.hidden.get("tries", 0) + 1
        sandbox.store.save(thing)
        word = "descriptor_code_mismatch" if code else "amounts_mismatch"
        raise StripeError(
            400, "invalid_request_error", "The values do not match those of the micro-deposits.",
            code=EXCEEDED if tries >= _TRIES else f"{_PROBLEM}{word}", keeps=True,
        )  # fmt: skip
    method = sandbox.store.get(thing.shown["payment_method"], "payment_method")
    method.hidden["verified"] = True
    return sandbox.store.save(method)
