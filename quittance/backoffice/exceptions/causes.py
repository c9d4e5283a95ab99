"""The likely cause of an exception, in a sentence, where our own rows show one."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quittance.backoffice.exceptions.evidence import Evidence
from quittance.receivables.models import Invoice
from quittance.reconciliation.exceptions import ExceptionRow, Kind

_NAMED = 3


def cause_of(row: ExceptionRow, evidence: Evidence | None) -> str:
    """Return why this probably happened; empty where only the words of others can say it."""
    if row.kind != Kind.POSTING_REFUSED or evidence is None:
        return ""
    if evidence.closed:
        return _closed(evidence.closed)
    if evidence.payment.customer_account.blocked:
        return _("The customer is blocked in the ERP, so it takes no entries for them.")
    return _(
        "As far as we see the ERP, the invoices are open and the customer is not blocked. So it is"
        " something of the ERP’s own, a closed period, a missing dimension, a setting; or it was"
        " mended since. Its words above say which."
    )


def _closed(invoices: list[Invoice]) -> str:
    numbers = ", ".join(each.number for each in invoices[:_NAMED])
    if len(invoices) > _NAMED:
        numbers += ", …"
    return ngettext(
        "Invoice %(numbers)s was paid, credited or cancelled in the ERP after the payer confirmed."
        " Sent again as it is, it would be refused again.",
        "Invoices %(numbers)s were paid, credited or cancelled in the ERP after the payer"
        " confirmed. Sent again as they are, they would be refused again.",
        len(invoices),
    ) % {"numbers": numbers}
