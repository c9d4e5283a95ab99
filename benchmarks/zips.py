"""How much more memory a ZIP of many prints takes than one of few: nothing, if it is constant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.books import Buyer
from benchmarks.figures import Figure
from benchmarks.sizes import Sizes

_MEGA: Final = 1024 * 1024
_FEW_IN_MANY: Final = 10  # the limit is the peak of so many times fewer
_PRINT_BYTES: Final = 256 * 1024
_HIGHEST: Final = "VmHWM:"  # proc(5): the most that was ever held, since the last clear_refs


def measure(buyer: Buyer, sizes: Sizes) -> Iterator[Figure]:
    """Write a ZIP of few prints and one of many, and see the most that each took."""
    few = _peak_bytes(buyer, max(1, sizes.prints // _FEW_IN_MANY))
    many = _peak_bytes(buyer, sizes.prints)
    yield Figure(
        figure="zip_memory",
        value=many / _MEGA,
        limit=few / _MEGA,
        limit_is=f"the peak for a ZIP of {_FEW_IN_MANY} times fewer prints",
        goal=1.1,
        unit="MB, the most that the process held",
        facts={"prints": sizes.prints, "bytes_each": _PRINT_BYTES},
    )


def _peak_bytes(buyer: Buyer, count: int) -> int:
    from quittance.exports.write import bundle_file
    from quittance.tenancy.scope import working_for

    with working_for(buyer.organization_id, actor=f"user:{buyer.user_id}"):
        bundle_id = _bundle(buyer, count)
        Path("/proc/self/clear_refs").write_text("5")
        with bundle_file(bundle_id, "zip", note="") as file:
            file.seek(0, os.SEEK_END)
            if file.tell() < count * _PRINT_BYTES:
                raise RuntimeError(f"A ZIP of {count} prints has {file.tell()} bytes only.")
    return _highest_bytes()


def _bundle(buyer: Buyer, count: int) -> object:
    """Make a file whose prints are all here."""
    from datetime import timedelta

    from quittance.core import clock
    from quittance.exports.models import Bundle, BundleDocument
    from quittance.receivables.models import Invoice
    from quittance.tenancy.rows import writing

    with writing():
        ids = Invoice.objects.filter(customer_account_id=buyer.account_id)
        found = list(ids.order_by("pk").values_list("pk", flat=True)[:count])
        if len(found) < count:
            raise RuntimeError(f"The buyer has {len(found)} invoices, not {count}.")
        bundle = Bundle.objects.create(
            customer_account_id=buyer.account_id, user_id=buyer.user_id, kind="zip",
            expires_at=clock.now() + timedelta(days=1), whole=count,
        )  # fmt: skip
        for position, invoice_id in enumerate(found):
            BundleDocument.objects.create(
                bundle=bundle, invoice_id=invoice_id, customer_account_id=buyer.account_id,
                user_id=buyer.user_id, position=position, content=os.urandom(_PRINT_BYTES),
                size_bytes=_PRINT_BYTES,
            )  # fmt: skip
    return bundle.pk


def _highest_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(_HIGHEST):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {_HIGHEST}")
