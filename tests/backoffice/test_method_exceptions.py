"""Cards that are tried and kept ways to pay that need somebody stand in the queue, and leave it."""

from __future__ import annotations

import os
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.paylinks.making import revoke
from quittance.payments.cancel import cancel_payment
from quittance.payments.tries import BY_LINK, SLOWED, TriedTooOften, note_try
from quittance.reconciliation.exceptions import ExceptionRow, Kind, handle, waiting
from quittance.reconciliation.findings import look_and_keep
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from quittance.wallet.ending import remove
from quittance.wallet.limits import LIMIT_HIT
from quittance.wallet.models import KeptMethod
from quittance.wallet.stopping import BankStop, allow_again, stop_methods
from tests.backoffice.office import words
from tests.conftest import DATABASE
from tests.payments.people import new_user
from tests.portal.doors import Door
from tests.portal.test_checkout_tries import HERE, lost
from tests.portal.test_links import made
from tests.portal.test_links_late import begin
from tests.wallet.wallets import Wallet

LIST = "/office/exceptions"


def rows(*kinds: Kind) -> list[ExceptionRow]:
    """What waits of these kinds once everything was looked at."""
    look_and_keep(older_than=timedelta(0))
    with reading():
        return waiting(kinds=kinds or (Kind.CARD_TESTING, Kind.KEPT_METHOD))


def events_are_older(by: timedelta) -> None:
    """Let time pass since all that people did; nobody but a superuser can write that down."""
    address = urlsplit(os.environ["QUITTANCE_TEST_ADMIN"])._replace(path=f"/{DATABASE}").geturl()
    with psycopg.connect(address) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE audit_auditevent SET happened_at = happened_at - %s", [by])


def kept(door: Door) -> KeptMethod:
    with narrowed_to([door.ground.account().pk]):
        return Wallet(door.ground, new_user()).save("bank_debit")


def change(method: KeptMethod, **facts: object) -> None:
    with writing():
        KeptMethod.objects.filter(pk=method.pk).update(**facts)


def test_who_tries_many_cards_is_a_row_with_owner_and_act_until_a_day_has_passed(
    door: Door,
) -> None:
    account, person = door.ground.account(), new_user(name="Rae Quick")
    with writing():
        record_event(LIMIT_HIT, subject_id=account.pk)
        record_event(SLOWED, subject_id=person.pk, customer_accounts=[str(account.pk)])

    saving, paying = sorted(rows(), key=lambda row: row.sentence)
    clerk = door.clerk()
    table, _, row_id = saving.key.partition(":")
    page = words(clerk.get(f"{LIST}/{table}/{row_id}"))

    assert (saving.customer, paying.customer) == (account, account)
    assert "Rae Quick" in paying.sentence
    assert "Somebody may be trying stolen cards" in page
    assert "Hand it to a colleague" in page
    assert "Mark it as handled" in page

    events_are_older(timedelta(hours=25))
    assert rows() == []


def test_a_pay_link_that_many_cards_were_tried_by_is_named_in_the_queue(door: Door) -> None:
    account, link = (
        door.ground.account(),
        made(door.ground.bill("250.00"), send_to="ap@x.test").link,
    )
    lost(door.ground, None, BY_LINK, ago=timedelta(minutes=5), origin="pay_link", link_id=link.pk)

    with pytest.raises(TriedTooOften):
        note_try(user_id=None, pay_link_id=link.pk, ip=HERE, customer_account_ids=[account.pk])
    (row,) = rows()

    assert row.customer == account
    assert "the pay link of " in row.sentence
    assert "to ap@x.test were slowed down" in row.sentence
    assert "revoke the pay link" in row.cure


def test_a_payment_of_a_revoked_link_waits_in_the_queue_until_it_has_ended(door: Door) -> None:
    _client, link, _basket, payment = begin(door)
    before = rows(Kind.REVOKED_LINK)

    revoke(link.pk)
    (row,) = rows(Kind.REVOKED_LINK)
    cancel_payment(payment.pk)

    assert before == rows(Kind.REVOKED_LINK) == []
    assert payment.number in row.sentence
    assert row.payment_id == payment.pk


def test_a_handled_alert_comes_back_only_when_it_goes_on(door: Door) -> None:
    account = door.ground.account()
    with writing():
        record_event(LIMIT_HIT, subject_id=account.pk)
    (row,) = rows()

    handle(row.key, note="They have a new card machine.")
    assert rows() == []
    with writing():
        record_event(LIMIT_HIT, subject_id=account.pk)

    assert [each.key for each in rows()] == [row.key]


def test_a_blocked_method_waits_for_a_person_and_leaves_when_somebody_allows_it(
    door: Door,
) -> None:
    method = kept(door)
    stop = BankStop(source_id=new_id(), code="R16", at=clock.now(), why="Why.", blocks=True)
    with writing():
        stop_methods(
            stop, customer_account_ids=[method.customer_account_id], kept_method_id=method.pk,
            consent_id=None,
        )  # fmt: skip

    (row,) = rows()
    table, _, row_id = row.key.partition(":")
    page = door.clerk().get(f"{LIST}/{table}/{row_id}").content.decode()
    assert (row.method_id, row.customer) == (method.pk, door.ground.account())
    assert f'href="/office/methods/{method.pk}"' in page

    allow_again(method.pk, "The customer says that all is well.")
    assert rows() == []


def test_what_a_gateway_does_not_forget_waits_after_three_days_until_it_has(door: Door) -> None:
    method = kept(door)
    door.ground.world.gateway_fault("* /v1/*", "drop_before", times=9)
    remove(method.pk)
    assert rows() == [], "it is asked again by itself first"

    change(method, ended_at=clock.now() - timedelta(days=4))
    (row,) = rows()
    assert method.label in row.sentence

    change(method, forgotten_at=clock.now())
    assert rows() == []


def test_what_a_gateway_says_nothing_of_waits_until_it_answers(door: Door) -> None:
    method = kept(door)
    change(method, failures=9)
    assert rows() == []

    change(method, failures=10)
    (row,) = rows()
    assert row.method_id == method.pk

    change(method, failures=0)
    assert rows() == []
