"""Writes a journal that nobody can mistake and removes it again: may we write at all?

Nothing is posted. Whether the application may post shows with the first payment: a post of an
empty journal is refused before Business Central looks at that right (business-central.md, 2.5).
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import OutcomeUnknown, OutsideError, Refused
from quittance.erp.business_central.journals import (
    JOURNALS,
    LINES,
    Journal,
    journal_called,
    path_of,
)
from quittance.erp.business_central.odata import Api

CODE: Final = "QUITTTEST"  # letters only, as for every journal of ours
NAME: Final = "Quittance connection test"


class _Id(msgspec.Struct):
    id: UUID


def write_and_remove(api: Api, *, clearing_account_id: UUID) -> str:
    """Return what was written and removed. Raises ``OutsideError``: something is missing for it."""
    _remove_what_is_left(api)
    try:
        return _write(api, clearing_account_id)
    finally:
        # Removed already when all went well. What cannot be removed now is by the next test.
        with suppress(OutsideError):
            _remove_what_is_left(api)


def _write(api: Api, clearing_account_id: UUID) -> str:
    body = {
        "code": CODE,
        "displayName": NAME,
        "balancingAccountId": str(clearing_account_id),
    }
    journal = api.post(f"{api.company}/{JOURNALS}", body, Journal, entity=JOURNALS)
    customers = api.page(
        f"{api.company}/customers", _Id, entity="customers", query={"$select": "id", "$top": "1"}
    ).rows
    made = [_write_line(api, journal, customer) for customer in customers]
    try:
        for path in (*made, path_of(api, journal.id)):
            api.delete(path, entity=JOURNALS)
    except (Refused, OutcomeUnknown) as error:
        raise type(error)(
            f"The test journal {CODE} was written and could not be removed: {error} The next test "
            "removes it; or delete it in the Cash Receipt Journal's batches.",
            entity=JOURNALS,
        ) from error
    if not made:
        return "A journal was written and removed again; there is no customer for a line"
    return "A journal with a line was written and removed again"


def _write_line(api: Api, journal: Journal, customer: _Id) -> str:
    """Write an unposted line for this customer and return its path."""
    lines = f"{path_of(api, journal.id)}/{LINES}"
    body = {
        "customerId": str(customer.id),
        "documentNumber": "QUITTANCE-TEST",
        "amount": Decimal(-1),
        "description": NAME,
    }
    return f"{lines}({api.post(lines, body, _Id, entity=LINES).id})"


def _remove_what_is_left(api: Api) -> None:
    """Remove the journal of a test that was killed. Raises ``Refused`` if it is another's."""
    journal = journal_called(api, CODE)
    if journal is None:
        return
    if journal.display_name != NAME:
        raise Refused(
            f"There is a journal batch {CODE} that is not ours ({journal.display_name}). "
            "Rename it, then test again.",
            entity=JOURNALS,
        )
    api.delete(path_of(api, journal.id), entity=JOURNALS)
