"""Answers that do not fit what was asked for: marked for a person, and cleared by one that fits.

Source: F20 of reliability.md. What such an answer says moves nothing. When it says that money came,
the ledger keeps that apart until a person has decided, or until an answer says that it is not so.
"""

from __future__ import annotations

from typing import Final

from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.payments.books import keep_apart
from quittance.payments.models import GatewayAttempt

_NOTHING_CAME: Final = {"came_object": "", "came_minor": None, "came_currency": ""}


def does_not_fit(attempt: GatewayAttempt, answer: GatewayPayment) -> str:
    """Return in words why the answer cannot be about this attempt; "" when it can."""
    if answer.reference != attempt.reference:
        return f"The gateway's payment carries the reference {answer.reference}."
    if answer.amount != attempt.amount:
        return f"The gateway says {answer.amount}, we asked for {attempt.amount}."
    if attempt.gateway_object and answer.gateway_object != attempt.gateway_object:
        return f"The gateway has a second payment, {answer.gateway_object}, for this one."
    if not attempt.gateway_object and is_anothers(attempt, answer):
        return f"The gateway's id {answer.gateway_object} is that of another payment."
    return ""


def is_anothers(attempt: GatewayAttempt, answer: GatewayPayment) -> bool:
    """Whether another attempt has the gateway's object that the answer is about."""
    others = GatewayAttempt.objects.exclude(pk=attempt.pk)
    return others.filter(
        gateway_account_id=attempt.gateway_account_id, gateway_object=answer.gateway_object
    ).exists()


def mark(attempt: GatewayAttempt, answer: GatewayPayment, problem: str) -> None:
    """Have a person look at an attempt, inside a transaction that has locked it.

    Money that came is kept with it, if our reference says that it is this attempt's: what carries
    another one may be a stranger's. Money of which the gateway says now that it did not come is
    forgotten.
    """
    found: dict[str, object] = {"problem": problem[:500]}
    found["detail"] = f"{answer.state} {answer.gateway_object}: {answer.detail}"[:500]
    is_ours = answer.reference == attempt.reference and not is_anothers(attempt, answer)
    if is_ours and answer.state is PaymentState.SUCCEEDED:
        found |= {
            "came_object": answer.gateway_object,
            "came_minor": answer.amount.minor,
            "came_currency": answer.amount.currency,
        }
    elif is_ours and _came_to_nothing(answer) and attempt.came_object == answer.gateway_object:
        found |= _NOTHING_CAME
    _keep(attempt, found)


def clear(attempt: GatewayAttempt, answer: GatewayPayment) -> None:
    """Let an answer that fits put an earlier one out of the world that did not: nobody must look.

    Money that came as another object of the gateway's stays marked: of that this answer says
    nothing.
    """
    if attempt.came_object in {"", answer.gateway_object}:
        forget(attempt)


def forget(attempt: GatewayAttempt) -> None:
    """Take the mark off an attempt, and what was said to have come with it."""
    if attempt.problem or attempt.came_object:
        _keep(attempt, {"problem": "", **_NOTHING_CAME})


def book_misfit(attempt: GatewayAttempt) -> bool:
    """Have the ledger keep apart what came with an attempt and does not fit, neither more nor less.

    Inside a transaction that has locked it; says whether that was news.
    """
    words = f"Money with payment {attempt.payment.number} that does not fit it, kept apart"
    if attempt.misfit is None:
        words = f"Money with payment {attempt.payment.number} is kept apart no more"
    return keep_apart(str(attempt.pk), attempt.gateway_account_id, attempt.misfit, words=words)


def _came_to_nothing(answer: GatewayPayment) -> bool:
    return answer.state in {PaymentState.FAILED, PaymentState.CANCELLED}


def _keep(attempt: GatewayAttempt, facts: dict[str, object]) -> None:
    before = attempt.misfit
    GatewayAttempt.objects.filter(pk=attempt.pk).update(**facts)
    for name, value in facts.items():
        setattr(attempt, name, value)
    if before or attempt.misfit:
        book_misfit(attempt)
