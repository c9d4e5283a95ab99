"""Two people at the same moment: one of them has decided, and it is done once."""

from __future__ import annotations

from functools import partial

from quittance.confirmations.models import Confirmation
from quittance.confirmations.requests import confirm, done, refuse
from quittance.identity.models import User
from quittance.tenancy.rows import reading, writing
from tests.confirmations.conftest import Office
from tests.confirmations.words import acting, again, asked
from tests.payments.together import all_at_once


def _yes(row: Confirmation, by: User) -> str:
    with acting(by), writing():
        done(confirm(row.pk, by=by, fingerprint=row.fingerprint))
    return "done"


def _no(row: Confirmation, by: User) -> str:
    with acting(by), writing():
        refuse(row.pk, by=by, reason="no")
    return "refused"


def _names(got: object) -> list[str]:
    return sorted(each if isinstance(each, str) else type(each).__name__ for each in got)  # type: ignore[attr-defined]


def test_of_many_who_decide_at_once_one_has_decided(office: Office) -> None:
    row = asked(office.mia)

    got = all_at_once(
        partial(_yes, row, office.ivan), partial(_yes, row, office.ada),
        partial(_no, row, office.ines), partial(_yes, row, office.ivan),
    )  # fmt: skip

    assert _names(got)[:3] == ["DecidedAlready"] * 3
    assert again(row).status == _names(got)[3]


def test_of_two_who_ask_for_the_same_at_once_one_waits(office: Office) -> None:
    got = all_at_once(partial(asked, office.mia), partial(asked, office.ivan))

    assert _names(got) == ["Confirmation", "WaitsAlready"]
    with reading():
        assert Confirmation.objects.filter(about="connection:x").count() == 1
