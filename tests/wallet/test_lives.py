"""The life cycles of the wallet, as code and database keep them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import KeptMethod, Saving
from quittance.wallet.transitions import METHOD, SAVING
from tests.wallet.wallets import Wallet


@pytest.mark.parametrize(("kind", "steps"), [("kept_method", METHOD), ("saving", SAVING)])
def test_the_database_keeps_the_very_steps_of_the_code(
    database: None, kind: str, steps: dict[str, frozenset[str]]
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT from_status, to_status FROM audit_legal_step WHERE subject_kind = %s", [kind]
        )
        kept = set(cursor.fetchall())

    assert kept == {(str(a), str(b)) for a, after in steps.items() for b in after}


def test_postgresql_refuses_a_step_that_the_code_does_not_know(wallet: Wallet) -> None:
    kept = wallet.save()

    for model, to, sentence in (
        (KeptMethod, "verifying", "never goes from active to verifying"),
        (Saving, "open", "never goes from saved to open"),
    ):
        with pytest.raises(IntegrityError, match=sentence), widened(), writing():
            model.objects.filter(customer_account_id=kept.customer_account_id).update(status=to)
