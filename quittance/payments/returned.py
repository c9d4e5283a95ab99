"""What follows from a return besides the money: what the payer keeps, and what both sides are told.

Called in the transaction that writes the return down, so it happens once, with it or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from quittance.core import clock
from quittance.notifications.messages import Part
from quittance.payments.asked import consent_of
from quittance.payments.models import GatewayAttempt, Reversal
from quittance.payments.return_codes import LET_PASS, Rule, is_known, rule_of
from quittance.wallet.models import KeptMethod
from quittance.wallet.stopping import BankStop, company_id_of, stop_methods
from quittance.wallet.transitions import M

K = Reversal.Kind


def rule_for(reversal: Reversal) -> Rule:
    """Return what the bank's code of a return or dispute meant on the day when the money went."""
    return rule_of(reversal.code, (reversal.succeeded_at or reversal.created_at).date())


def stop_what_was_returned(reversal: Reversal, attempt: GatewayAttempt) -> Sequence[KeptMethod]:
    """End or block what the payer keeps, where the bank's code says so; return what was stopped.

    A dispute stops only what its reason says for sure. The caller has locked the attempt.
    """
    if not _speaks_of_the_method(reversal):
        return []
    rule = rule_for(reversal)
    stop = BankStop(
        source_id=reversal.pk, code=reversal.code, at=reversal.succeeded_at or reversal.created_at,
        why=f"{rule.words} {deed_of(reversal, attempt.gateway_account_id)}",
        parts=[(rule.words, {}), *deed_parts(reversal, attempt.gateway_account_id)],
        blocks=rule.stops == "block", whole_company=rule.stops == "company",
    )  # fmt: skip
    return _stop(attempt, stop) if rule.stops else []


def stop_what_was_refused(attempt: GatewayAttempt, reason: str) -> Sequence[KeptMethod]:
    """Do the same for a bank debit that its bank refused before it settled: no money came.

    Only a reason that is known for sure stops anything; ``reason`` is a word of ``REASONS``.
    """
    today = clock.now()
    if attempt.method != "bank_debit" or not is_known(reason, today.date()):
        return []
    rule = rule_of(reason, today.date())
    stop = BankStop(
        source_id=attempt.pk, code=reason, at=today, why=f"{rule.words} {rule.deed}",
        parts=[(rule.words, {}), (rule.deed, {})],
        blocks=rule.stops == "block", whole_company=rule.stops == "company",
    )  # fmt: skip
    return _stop(attempt, stop) if rule.stops else []


def deed_of(reversal: Reversal, gateway_account_id: UUID) -> str:
    """Return what the payer can do, with the number that his bank has to let pass if it is told."""
    parts = deed_parts(reversal, gateway_account_id)
    return " ".join(said % named if named else said for said, named in parts)


def deed_parts(reversal: Reversal, gateway_account_id: UUID) -> Sequence[Part]:
    """Return the same in sentences that the catalogs know, and what they name."""
    rule = rule_for(reversal)
    number = company_id_of(gateway_account_id) if rule.names_company_id else ""
    return [(rule.deed, {}), *([(LET_PASS, {"id": number})] if number else [])]


def instruction_of(
    reversal: Reversal, attempt: GatewayAttempt, stopped: Sequence[KeptMethod]
) -> str:
    """Return, for the AR team, what the code means, what was done here, and what is left to do."""
    rule = rule_for(reversal)
    number = company_id_of(attempt.gateway_account_id) if rule.names_company_id else ""
    parts = [
        f"{reversal.code or '-'}: {rule.title}.", _retry(rule), _done(rule, stopped), rule.team,
        _passes(number),
    ]  # fmt: skip
    return " ".join(each for each in parts if each)


def _stop(attempt: GatewayAttempt, stop: BankStop) -> Sequence[KeptMethod]:
    kept_id, consent_id = attempt.kept_method_id, consent_of(attempt)
    kept = KeptMethod.objects.filter(pk=kept_id).first() if kept_id else None
    return stop_methods(
        stop,
        customer_account_ids=[kept.customer_account_id if kept else attempt.customer_account_id],
        kept_method_id=kept_id, consent_id=UUID(consent_id) if consent_id else None,
    )  # fmt: skip


def _speaks_of_the_method(reversal: Reversal) -> bool:
    if reversal.kind == K.RETURN:
        return True
    day = (reversal.succeeded_at or reversal.created_at).date()
    return reversal.kind == K.DISPUTE and is_known(reversal.code, day)


def _retry(rule: Rule) -> str:
    if rule.retry == "again":
        times = "once" if rule.times == 1 else f"{rule.times} times at most"
        return f"The same debit may be tried {times} more, within {rule.days} days."
    return {
        "new_consent": "Take it again only after the payer has agreed anew.",
        "corrected": "Take it again only after what was wrong is corrected.",
        "never": "Do not take it again.",
    }[rule.retry]


def _done(rule: Rule, stopped: Sequence[KeptMethod]) -> str:
    if rule.stops and not stopped:
        return "This way of paying must be stopped for the payer; he keeps none here."
    ended = ", ".join(each.label for each in stopped if each.status == M.ENDED)
    blocked = ", ".join(each.label for each in stopped if each.status == M.BLOCKED)
    words = f"Ended here, with its agreement: {ended}." if ended else ""
    return f"{words} Blocked here until you allow it: {blocked}.".strip() if blocked else words


def _passes(company_id: str) -> str:
    return LET_PASS % {"id": company_id} if company_id else ""
