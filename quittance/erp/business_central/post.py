"""Brings a payment into Business Central: a journal of its own, its lines, then the post.

Business Central has no idempotency key; this is how a payment is posted once all the same.

1. **The journal is the key.** Each payment has its own journal (batch). Its code is drawn from the
   posting's id, each line has its number from the instruction: Business Central refuses a second
   journal or line with the same one, however late it comes.
2. **The journal shows whether a post was ever sent.** Its display name is the document number until
   somebody is about to post it; ``post_draft`` changes it first, on the condition (ETag) that the
   journal still is what its run has seen complete. So of two runs only one goes on, and a journal
   with its first name was never posted: anybody may add what is missing there. In any other journal
   a missing line may mean that a post is just now taking the lines away, so a line is added only
   when the caller says that nothing is under way any more (``again``).
3. **The look that counts comes last.** After the lines were read back complete the ledger is asked.
   Lines vanish and entries appear in one step: complete lines and no entry mean "not posted"; and
   while the lines are complete every number is taken, so nobody can add one.
4. **The post itself is conditional**, too: a run that slept since step 2 while another one took the
   journal over is refused (409) instead of posting what a third one may have put there.
5. **After the post the journal is renamed again**, because a box in the network may send a request
   a second time: a line of ours that comes again after the post is taken, and the same post that
   comes again after that would post it. Bound to the version of before, it is refused (409).
   Where the post's answer was lost, ``shut_draft`` does so once the ledger shows the entries.

What remains: a line that was sent before, and arrives after, the post lies in the journal unposted.
No post can still be under way to take it, except one that slept since before as well, or one that
is sent again together with the line before step 5 is done. And should the journal be deleted, a
sleeping run may make a new one; it finds the entries in step 3 and stops.
``remove_draft`` is therefore for the time when no send can be under way.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import msgspec

from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.core.ids import letters_of
from quittance.erp.base import Draft, InstructionLine, PaymentInstruction
from quittance.erp.business_central import ledger, limits
from quittance.erp.business_central.answers import Gone, Taken
from quittance.erp.business_central.dimensions import carry
from quittance.erp.business_central.journals import JOURNALS, LINES, path_of
from quittance.erp.business_central.lines import Line, add, is_as_told
from quittance.erp.business_central.odata import Api, text
from quittance.erp.business_central.translate import Customer, Etag, guid

_SHUT = "Quittance, posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The company's settings that a payment needs."""

    local_currency: str
    clearing_account: str  # the number of its G/L account


class _Journal(msgspec.Struct, rename="camel"):
    etag: Etag = msgspec.field(name="@odata.etag")
    id: UUID
    code: str
    display_name: str

    SELECT = "id,code,displayName"


def draft_payment(
    api: Api,
    instruction: PaymentInstruction,
    *,
    books: Books,
    clearing_account_id: UUID,
    again: bool,
) -> Draft:
    """Bring the lines in, unposted, and read them back. See ``Erp.draft_payment``."""
    check_instruction(instruction)
    check_currency(api, instruction, local_currency=books.local_currency)
    journal, is_new = _open_journal(api, instruction, clearing_account_id)
    lines = [] if is_new else _read_lines(api, journal)
    missing = _missing(instruction, lines, journal)
    if missing and not is_new:
        _check_not_posted(api, instruction, books)
        if journal.display_name != _name(instruction) and not again:
            raise OutcomeUnknown(
                f"Lines of payment journal {journal.code} are missing after it was sent to be "
                "posted. Nothing was added; look into the ledger and come back later.",
                journal=journal.code,
            )
    for line in missing:
        _add_line(api, journal, instruction, line, books)
    if missing and _missing(instruction, _read_lines(api, journal), journal):
        raise OutcomeUnknown(
            f"Payment journal {journal.code} lost lines while we were adding them. Look into the "
            "ledger and come back later.",
            journal=journal.code,
        )
    if instruction.route and instruction.route.dimensions:
        lines_there = [line.id for line in _read_lines(api, journal)]
        carry(api, lines_there, instruction.route.dimensions)
    _check_not_posted(api, instruction, books)
    return Draft(erp_id=str(journal.id), version=journal.etag)


def find_draft(api: Api, instruction: PaymentInstruction, *, books: Books) -> Draft | None:
    """Return the complete, unposted draft, or ``None``. Changes nothing."""
    journal = _find_journal(api, instruction)
    if journal is None or _missing(instruction, _read_lines(api, journal), journal):
        return None
    if _posted(api, instruction, books):
        return None
    return Draft(erp_id=str(journal.id), version=journal.etag)


def post_draft(api: Api, draft: Draft) -> None:
    """Post the journal, unless another run has taken it over since ``draft`` was read."""
    path = f"{api.company}/journals({UUID(draft.erp_id)})"
    try:
        etag = _claim(api, draft, path)
        api.act(f"{path}/Microsoft.NAV.post", etag=etag, entity="journals")
    except Gone:
        return  # removed after it was posted
    except Refused:
        # "There is nothing to post.", in whatever language: it was posted before.
        if _read_lines_of(api, UUID(draft.erp_id)):
            raise
    with suppress(OutsideError):  # it is posted, whatever becomes of this
        _shut(api, UUID(draft.erp_id))


def shut_draft(api: Api, instruction: PaymentInstruction) -> None:
    """Rename the journal of a payment that is posted; none is fine. See step 5."""
    journal = _find_journal(api, instruction)
    if journal is not None and journal.display_name != _SHUT:
        with suppress(Refused):  # nobody can rename it, or it is gone
            _shut(api, journal.id)


def remove_draft(api: Api, instruction: PaymentInstruction) -> None:
    """Delete the payment's journal with whatever lies in it; none is fine."""
    journal = _find_journal(api, instruction)
    if journal is None:
        return
    try:
        api.delete(path_of(api, journal.id), entity=JOURNALS)
    except Gone:
        return


def check_instruction(instruction: PaymentInstruction) -> None:
    """Raise ``Refused`` for what Business Central could not hold or would understand otherwise."""
    lines = instruction.lines
    numbers = [line.line_number for line in lines]
    lengths = (
        (instruction.document_number, limits.DOCUMENT_NUMBER, "document number"),
        (instruction.external_reference, limits.EXTERNAL_DOCUMENT_NUMBER, "external reference"),
        (instruction.description, limits.DESCRIPTION, "description"),
    )
    for value, length, name in lengths:
        if len(value) > length:
            raise Refused(f"The {name} has more than {length} characters.", value=value)
    if not instruction.document_number or not lines:
        raise Refused("A payment needs a document number and at least one line.")
    if len(set(numbers)) != len(numbers) or min(numbers) < 1:
        raise Refused("The line numbers of a payment must be above zero and differ.")
    if len({line.amount.currency for line in lines}) != 1:
        raise Refused("The lines of a payment must be in one currency.")
    if any(line.amount.minor <= 0 for line in lines):
        raise Refused("Every line of a payment must be above zero.")


def check_currency(api: Api, instruction: PaymentInstruction, *, local_currency: str) -> None:
    """Raise ``Refused`` for another currency than the customer's.

    A line takes the customer's; nobody can say another one (2.7). So ask before.
    """
    customer = api.one(
        f"{api.company}/customers({guid(instruction.customer_erp_id)})",
        Customer,
        entity="customers",
        select=Customer.SELECT,
    )
    theirs = customer.currency_code or local_currency
    ours = instruction.lines[0].amount.currency
    if theirs != ours:
        raise Refused(
            f"Business Central books payments of customer {customer.number} in {theirs}, but the "
            f"invoices are in {ours}. Nothing was posted; book this payment by hand.",
            customer=customer.number,
        )


def _open_journal(
    api: Api, instruction: PaymentInstruction, clearing_account_id: UUID
) -> tuple[_Journal, bool]:
    """Make the payment's journal, or find it; the flag says that this call made it."""
    body = {
        "code": _code(instruction),
        "displayName": _name(instruction),
        "balancingAccountId": str(clearing_account_id),
    }
    try:
        return api.post(f"{api.company}/{JOURNALS}", body, _Journal, entity=JOURNALS), True
    except Taken:
        journal = _find_journal(api, instruction)
    if journal is None:
        raise Unavailable(
            f"Payment journal {_code(instruction)} exists and cannot be found. Nothing was done."
        )
    return journal, False


def _find_journal(api: Api, instruction: PaymentInstruction) -> _Journal | None:
    code = _code(instruction)
    found = api.all(
        f"{api.company}/{JOURNALS}",
        _Journal,
        entity=JOURNALS,
        query={"$filter": f"code eq {text(code)}", "$select": _Journal.SELECT},
    )
    return next((journal for journal in found if journal.code == code), None)


def _read_lines(api: Api, journal: _Journal) -> Sequence[Line]:
    return _read_lines_of(api, journal.id)


def _read_lines_of(api: Api, journal_id: UUID) -> Sequence[Line]:
    return api.all(
        f"{path_of(api, journal_id)}/{LINES}",
        Line,
        entity=LINES,
        query={"$select": Line.SELECT},
    )


def _missing(
    instruction: PaymentInstruction, found: Sequence[Line], journal: _Journal
) -> Sequence[InstructionLine]:
    """Return the lines that are not there yet. Raises ``Refused`` on any line that is not ours."""
    expected: Mapping[int, InstructionLine] = {line.line_number: line for line in instruction.lines}
    for line in found:
        ours = expected.get(line.line_number)
        if ours is None or not is_as_told(line, ours, instruction):
            raise Refused(
                f"Line {line.line_number} of payment journal {journal.code} is not as we sent it. "
                "Somebody may have changed it. Nothing was posted; delete that line in Business "
                "Central, then retry.",
                journal=journal.code,
                line_number=line.line_number,
            )
    there = {line.line_number for line in found}
    return sorted(
        (line for number, line in expected.items() if number not in there),
        key=lambda line: line.line_number,
    )


def _add_line(
    api: Api,
    journal: _Journal,
    instruction: PaymentInstruction,
    line: InstructionLine,
    books: Books,
) -> None:
    try:
        add(api, journal.id, instruction, line, number=line.line_number)
    except Taken:
        # Another run was faster, which is fine; or it is the empty line that a post leaves behind,
        # or something a person typed: those do not show among the customer's payments.
        there = {found.line_number for found in _read_lines(api, journal)}
        if line.line_number in there:
            return
        _check_not_posted(api, instruction, books)
        raise Refused(
            f"Line {line.line_number} of payment journal {journal.code} is taken by a line that "
            "is no payment of a customer. Nothing was posted; empty the journal in Business "
            "Central, then retry.",
            journal=journal.code,
        ) from None


def _claim(api: Api, draft: Draft, path: str) -> str:
    """Rename the journal if it still is what the draft's run saw; return its new version.

    The version that the post is bound to is read from ``journals``, where the post is: nobody has
    promised that ``customerPaymentJournals`` writes the version of the same batch in the same way.
    """
    name = f"Quittance, posting {secrets.token_hex(4)}"
    own = path_of(api, UUID(draft.erp_id))
    version = draft.version
    if not version:
        version = api.one(own, _Journal, entity=JOURNALS, select=_Journal.SELECT).etag
    try:
        api.patch(own, {"displayName": name}, etag=version, entity=JOURNALS)
    except OutcomeUnknown as error:
        # Renamed or not: nothing is posted by that.
        raise Unavailable("Nothing was posted: the journal was not ready.") from error
    journal = api.one(path, _Journal, entity="journals", select=_Journal.SELECT)
    if journal.display_name != name:
        raise Unavailable("Another run has taken the payment journal over. Nothing was posted.")
    return journal.etag


def _shut(api: Api, journal_id: UUID) -> None:
    """Rename the journal once more, so that the same post, sent again on the way, is refused.

    It would post a line of ours that was sent again, too, and came after the post.
    """
    own = path_of(api, journal_id)
    api.patch(own, {"displayName": _SHUT}, etag="*", entity=JOURNALS)


def _check_not_posted(api: Api, instruction: PaymentInstruction, books: Books) -> None:
    if _posted(api, instruction, books):
        raise OutcomeUnknown(
            f"Document {instruction.document_number} is posted already. Nothing was added.",
            document_number=instruction.document_number,
        )


def _posted(api: Api, instruction: PaymentInstruction, books: Books) -> bool:
    found = ledger.find_posting(
        api,
        instruction,
        clearing_account=books.clearing_account,
        local_currency=books.local_currency,
    )
    return found is not None


def _code(instruction: PaymentInstruction) -> str:
    """Letters only: a batch whose name holds a number may be renamed by a post (2.5)."""
    return letters_of(instruction.posting_id, limits.JOURNAL_CODE)


def _name(instruction: PaymentInstruction) -> str:
    return f"Quittance {instruction.document_number}"
