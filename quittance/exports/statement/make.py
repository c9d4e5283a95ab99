"""Makes a statement's file: asks the ERP for the whole ledger, draws it, keeps it."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from quittance.branding.look import look_of
from quittance.core import clock
from quittance.core.errors import Misconfigured, OutsideError, Refused
from quittance.exports.models import StatementFile
from quittance.exports.statement.table import csv_of, xlsx_of
from quittance.exports.statement.words import pdf_data
from quittance.receivables.statement import Source, Statement, draw, ledger_of
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id
from quittance.ui.language import speaking
from quittance.ui.print.draw import draw_pdf

_PATIENCE_SECONDS: Final = 60.0  # for one answer of the ERP: nobody waits at a page
# Lines of one PDF. Drawing takes 70 KB of memory for each (measured: 561 MB for 8,000).
MOST_LINES: Final = 5_000
F: Final = StatementFile.Failure


def make(statement_id: UUID) -> None:
    """Make the file, if nobody has yet. Run it as often as you like: what is here stays."""
    with reading():
        rows = StatementFile.objects.filter(pk=statement_id, content=None, failure="")
        row = rows.select_related("customer_account__legal_entity").first()
    if row is None:
        return None
    account = row.customer_account
    try:
        entries = ledger_of(
            account.legal_entity_id, account.erp_id, seconds=_PATIENCE_SECONDS,
            so_far=partial(_note, statement_id),
        )  # fmt: skip
    except (Refused, Misconfigured):
        return _fail(statement_id, F.REFUSED)
    except OutsideError:
        return _fail(statement_id, F.UNAVAILABLE)
    if entries is None:
        return _fail(statement_id, F.NO_LEDGER)
    statement = draw(
        entries, account=(account.name, account.number), currency=row.currency,
        source=Source.LEDGER, since=row.since, until=row.until,
        today=clock.today(account.legal_entity.zone),
    )  # fmt: skip
    if row.form == StatementFile.Form.PDF and len(statement.lines) > MOST_LINES:
        return _fail(statement_id, F.TOO_LONG)
    return _keep(row, statement, _written(row, statement))


def _written(row: StatementFile, statement: Statement) -> bytes:
    with speaking(row.language):
        if row.form == StatementFile.Form.PDF:
            organization_id = current_organization_id()
            with reading():
                name = Organization.objects.get(pk=organization_id).name
            look = look_of(organization_id, name=name)
            data = pdf_data(statement, look=look, locale=row.locale, site=row.site)
            return draw_pdf("statement", data)
        with (csv_of if row.form == StatementFile.Form.CSV else xlsx_of)(statement) as file:
            return file.read()


def _note(statement_id: UUID, entries: int) -> None:
    with writing():
        StatementFile.objects.filter(pk=statement_id).update(entries=entries)


def _fail(statement_id: UUID, failure: str) -> None:
    with writing():
        StatementFile.objects.filter(pk=statement_id, content=None).update(failure=failure)


def _keep(row: StatementFile, statement: Statement, content: bytes) -> None:
    """Another run may have made it meanwhile: that one stays."""
    with writing():
        StatementFile.objects.filter(pk=row.pk, content=None).update(
            content=content, size_bytes=len(content), fingerprint=statement.fingerprint,
            lines=len(statement.lines),
        )  # fmt: skip
