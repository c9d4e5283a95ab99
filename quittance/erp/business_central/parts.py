"""Cuts all invoices into parts that can be read at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from quittance.core.clock import now
from quittance.erp.base import Parts
from quittance.erp.business_central import limits
from quittance.erp.business_central.cursors import Cursor, write_cursor
from quittance.erp.business_central.odata import Api, Rows
from quittance.erp.business_central.translate import Moment

_ENTITY: Final = "salesInvoices"
_ORDER: Final = {"$orderby": "lastModifiedDateTime", "$select": "id,lastModifiedDateTime"}


class _Changed(msgspec.Struct, rename="camel"):
    last_modified_date_time: Moment


def invoice_parts(api: Api, rows: int) -> Parts:
    """Return parts of about ``rows`` invoices, cut by the moment of the last change.

    Of the fields that can be filtered and sorted only this one serves. Ids are filtered by an order
    that nobody promises; numbers have several series, and a draft gets another one when it is
    posted; customers differ by a thousand times. An invoice that is changed while it is read leaves
    its part for the last one, which has no end, so nothing falls between two parts. Many changed at
    one moment (a migration) are one part: read more slowly, not wrongly.
    """
    started = now()
    total = _one(api, {"$count": "true"}).count or 0
    step = max(rows, -(-total // limits.PARTS))
    marks = sorted({mark for place in range(step, total, step) if (mark := _mark(api, place))})
    cursors = [
        Cursor(since=since, until=until, started=started)
        for since, until in zip([None, *marks], [*marks, None], strict=True)
    ]
    return Parts(cursors=[write_cursor(cursor) for cursor in cursors], expected=total)


def _mark(api: Api, place: int) -> datetime | None:
    """Return when the invoice at ``place`` was changed; ``None`` when there are fewer by now."""
    found = _one(api, {"$skip": str(place)}).rows
    return found[0].last_modified_date_time if found else None


def _one(api: Api, also: Mapping[str, str]) -> Rows[_Changed]:
    # "$top" gives no next link on purpose here: one row is wanted, and nobody pages with it.
    return api.page(
        f"{api.company}/{_ENTITY}", _Changed, entity=_ENTITY, query={**_ORDER, "$top": "1", **also}
    )
