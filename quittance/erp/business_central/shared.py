"""Lays a payment's lines into a journal that others use too, and leaves the post to a person.

A post takes all lines of a journal. What a clerk typed in there need not show through the API at
all (business-central.md, 2.4), so we can never be sure that a post would take our lines only: in a
shared journal we post nothing, whatever lies there. See decision 10.

Our lines are known by the document number, and kept apart by line numbers that are drawn from the
posting's id: a second line with one is refused as long as the first lies there. Once a person has
posted, the line is gone and a request that was late could bring it again. So a line is added only
when nothing sent before can be under way (``again``), the ledger is asked before and after, and
what comes late all the same is removed: by the run that laid it, when its last look finds the
payment posted, else by ``remove_draft``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.erp.base import Draft, InstructionLine, PaymentInstruction, Route
from quittance.erp.business_central import ledger
from quittance.erp.business_central.answers import Gone, Taken
from quittance.erp.business_central.dimensions import carry
from quittance.erp.business_central.journals import (
    LINES,
    Journal,
    bank_account,
    journal_called,
    path_of,
)
from quittance.erp.business_central.lines import Line, add, as_written, is_as_told
from quittance.erp.business_central.odata import Api, text
from quittance.erp.business_central.post import check_currency

_MARK: Final = "a person posts it: "  # what ``Draft.version`` begins with
_OURS_FROM: Final = 10_000_000  # far above the numbers that people's lines have
_STEP: Final = 10_000  # between the line numbers of an instruction
# True of every posting, see posting/route.py: one that is applied anew is a new posting.
KEEPS_ITS_WAY: Final = (
    "Retry keeps the way that it was given; after a change of the mapping apply it anew, or put it"
    " on account: then it takes the new one."
)
_PLACES: Final = 900_000  # so many postings keep apart; 1,000 lines each stay below 2^31


def draft_payment(
    api: Api,
    instruction: PaymentInstruction,
    route: Route,
    *,
    local_currency: str,
    again: bool,
    still_mine: Callable[[], object] | None = None,
) -> Draft:
    """Bring the lines in and read them back. See ``Erp.draft_payment``."""
    journal = _journal(api, route)
    if not _bank_decides(api, route, instruction, local_currency):
        check_currency(api, instruction, local_currency=local_currency)
    missing = _missing(instruction, _ours(api, journal, instruction))
    if missing:
        _check_not_posted(api, instruction, route, local_currency)
        if not again:
            raise OutcomeUnknown(
                f"Lines of {instruction.document_number} are missing in journal {journal.code}, and"
                " what was sent may still be under way. Nothing was added; come back later."
            )
    for line in missing:
        if still_mine:
            still_mine()
        _add(api, journal, instruction, line)
    there = _ours(api, journal, instruction)
    if _missing(instruction, there):
        _check_not_posted(api, instruction, route, local_currency)
        raise Refused(
            f"Lines of {instruction.document_number} vanished from journal {journal.code} while we"
            " laid them, and the ledger does not show them. Somebody may have booked them under"
            " another number. If not, press Retry; else close this with a note."
        )
    carry(api, [line.id for line in there], route.dimensions)
    _check_not_posted(api, instruction, route, local_currency)
    return Draft(erp_id=str(journal.id), version=f"{_MARK}{journal.code}")


def find_draft(
    api: Api, instruction: PaymentInstruction, route: Route, *, local_currency: str
) -> Draft | None:
    """Return the complete, unposted lines, or ``None``. Changes nothing."""
    journal = _journal(api, route)
    if _missing(instruction, _ours(api, journal, instruction)):
        return None
    if _posted(api, instruction, route, local_currency):
        return None
    return Draft(erp_id=str(journal.id), version=f"{_MARK}{journal.code}")


def refuse_to_post(draft: Draft) -> None:
    """Raise ``OutcomeUnknown`` for a draft that lies in a shared journal: a person posts it."""
    if draft.version.startswith(_MARK):
        journal = draft.version.removeprefix(_MARK)
        raise OutcomeUnknown(
            f"The lines wait in the Cash Receipt Journal, batch {journal}, until somebody posts "
            "them there.",
            journal=journal,
        )


def remove_late_lines(api: Api, instruction: PaymentInstruction, route: Route) -> None:
    """Delete our lines of a payment that is posted, or never shall be. Another's line stays.

    The journal is known by its code alone, whatever it balances on meanwhile. Raises ``Refused``
    when there is none: it may have another name now.
    """
    journal = journal_called(api, route.journal)
    if journal is None:
        raise Refused(
            f"There is no cash receipt journal batch {route.journal} any more. If it has another"
            f" name now, the lines may lie there. When they are gone, make a batch {route.journal}"
            " without lines."
        )
    numbers = {line_number(instruction.posting_id, line) for line in instruction.lines}
    for line in _ours(api, journal, instruction):
        if line.line_number not in numbers:
            continue
        try:
            api.delete(f"{path_of(api, journal.id)}/{LINES}({line.id})", entity=LINES)
        except Gone:
            continue


def line_number(posting_id: UUID, line: InstructionLine) -> int:
    """Return the number of a line in a shared journal: always the same for one posting."""
    place = int(posting_id.hex[-10:], 16) % _PLACES  # the random end of a UUID of version 7
    return _OURS_FROM + place * 1_000 + line.line_number // _STEP


def _journal(api: Api, route: Route) -> Journal:
    journal = journal_called(api, route.journal)
    if journal is None:
        raise Refused(
            f"There is no cash receipt journal batch {route.journal}. Nothing was sent. Make it,"
            " then retry: this payment stays with it, whatever the mapping says now."
        )
    wanted, there = route.bank_account or route.account, journal.balancing_account_number
    if there != wanted:
        raise Refused(
            f"Journal batch {route.journal} balances on {there or 'nothing'}, not on {wanted}. "
            f"Nothing was sent. Mend the batch, then retry. {KEEPS_ITS_WAY}"
        )
    return journal


def _bank_decides(
    api: Api, route: Route, instruction: PaymentInstruction, local_currency: str
) -> bool:
    """Say whether lines take the bank account's currency: where it has one of its own (2.7).

    The API shows the local currency for an account that has none: its lines take the customer's.
    """
    if not route.bank_account:
        return False
    found = bank_account(api, route.bank_account)
    theirs = found.currency_code if found else ""
    ours = instruction.lines[0].amount.currency
    if theirs and theirs != ours:
        raise Refused(
            f"Bank account {route.bank_account} is in {theirs}, but the invoices are in {ours}. "
            f"Nothing was sent. Book this payment by hand. {KEEPS_ITS_WAY}"
        )
    return theirs not in {"", local_currency}


def _ours(api: Api, journal: Journal, instruction: PaymentInstruction) -> Sequence[Line]:
    number = as_written(instruction.document_number)
    rows = api.all(
        f"{path_of(api, journal.id)}/{LINES}",
        Line,
        entity=LINES,
        query={"$filter": f"documentNumber eq {text(number)}", "$select": Line.SELECT},
    )
    return [row for row in rows if row.document_number == number]


def _missing(instruction: PaymentInstruction, found: Sequence[Line]) -> Sequence[InstructionLine]:
    """Return the lines that are not there. Raises ``Refused`` on one that is not as we sent it."""
    expected: Mapping[int, InstructionLine] = {
        line_number(instruction.posting_id, line): line for line in instruction.lines
    }
    for row in found:
        ours = expected.get(row.line_number)
        if ours is None or not is_as_told(row, ours, instruction):
            raise Refused(
                f"Line {row.line_number} with document {instruction.document_number} is not as we "
                "sent it. Somebody may have changed it. Nothing was sent; delete that line, then "
                "retry."
            )
    there = {row.line_number for row in found}
    return [line for number, line in sorted(expected.items()) if number not in there]


def _add(
    api: Api, journal: Journal, instruction: PaymentInstruction, line: InstructionLine
) -> None:
    number = line_number(instruction.posting_id, line)
    try:
        add(api, journal.id, instruction, line, number=number)
    except Taken:
        if any(row.line_number == number for row in _ours(api, journal, instruction)):
            return
        raise Refused(
            f"Line {number} of journal {journal.code} is taken by another document. "
            "Nothing was sent; post or delete that line, then retry."
        ) from None


def _check_not_posted(
    api: Api, instruction: PaymentInstruction, route: Route, local_currency: str
) -> None:
    if _posted(api, instruction, route, local_currency):
        remove_late_lines(api, instruction, route)
        raise OutcomeUnknown(f"Document {instruction.document_number} is posted. Nothing is added.")


def _posted(api: Api, instruction: PaymentInstruction, route: Route, local_currency: str) -> bool:
    found = ledger.find_posting(
        api, instruction, clearing_account=route.account, local_currency=local_currency
    )
    return found is not None
