"""Who proved his mailbox and knows an account's recent invoices may ask in, and learns no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from quittance.arrivals.asking import HereAlready, NoMatch, NotProven
from quittance.arrivals.jobs import expire
from quittance.arrivals.limits import DoorClosed, TooManyAsked
from quittance.arrivals.models import ArrivalRules, JoinRequest, Mailbox
from quittance.arrivals.proving import Shut, WrongCode, mail_code, prove_mailbox
from quittance.arrivals.rules import NoChoice, Rules, keep_rules, rules_of
from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.receivables.models import Contact, Invoice
from quittance.tenancy.rows import reading, writing
from tests.arrivals.newcomers import (
    IP,
    NEW,
    acts_for,
    ask,
    at,
    forget_counts,
    known_to_erp,
    mailed_code,
    named,
    opened,
    removed_from,
)
from tests.ground import ALPINE, HARBORLINE, Ground
from tests.identity.people import browser, change, new_user
from tests.payments.together import all_at_once


def role_of(email: str = NEW) -> list[str]:
    with reading():
        return list(Contact.objects.filter(user__email=email).values_list("role", flat=True))


def told(kind: str) -> list[str]:
    with reading():
        return sorted(Message.objects.filter(kind=kind).values_list("to", flat=True))


def events(what: str) -> int:
    with reading():
        return AuditEvent.objects.filter(what=what).count()


def test_it_is_off_until_the_organization_says_otherwise(ground: Ground) -> None:
    with reading():
        assert rules_of() == Rules(is_open=False)
    with pytest.raises(Shut):
        mail_code(NEW, browser(), ip=IP, language="en")
    with reading():
        assert not Mailbox.objects.exists()
        assert not Message.objects.exists()


def test_nobody_becomes_one_who_decides_and_something_must_be_known(ground: Ground) -> None:
    for wrong in (
        {"role": "administer"}, {"role": "approve"}, {"invoices": 0}, {"recent_days": 366},
        {"at_once": "whoever"},
    ):  # fmt: skip
        with pytest.raises(NoChoice):
            keep_rules(Rules(is_open=True)._replace(**wrong))
    with pytest.raises(IntegrityError), writing():
        ArrivalRules.objects.create(is_open=True, role="administer")
    with pytest.raises(IntegrityError), writing():
        ArrivalRules.objects.create(is_open=True, invoices=0)


def test_who_knows_the_facts_waits_and_both_sides_are_told(ground: Ground) -> None:
    opened()
    head = new_user("head@harborline.test")
    new_user("priya@northwind.test", role="clerk")
    new_user("auditor@northwind.test", role="auditor")
    acts_for(ground.account(), head, "administer")

    found = ask(at(), named(ground.bill()))

    assert (found.status, found.role, found.known) == ("asked", "view", False)
    assert role_of() == []
    assert told("join_asked") == ["head@harborline.test"]
    assert told("join_team") == ["priya@northwind.test"]
    assert events("join asked") == 1


def test_whom_the_erp_knows_is_let_in_at_once_if_the_rules_say_so(ground: Ground) -> None:
    opened(at_once="known", role="pay")
    known_to_erp(NEW)
    invoice = ground.bill()

    stranger = ask(at("eve@elsewhere.test"), named(invoice))
    found = ask(at(), named(invoice))

    assert (stranger.status, role_of("eve@elsewhere.test")) == ("asked", [])
    assert (found.status, role_of()) == ("let_in", ["pay"])
    with reading():
        assert User.objects.get(email=NEW).password == ""  # signs in by a mailed code


def test_an_address_that_only_looks_like_a_known_one_waits(ground: Ground) -> None:
    opened(at_once="known")
    known_to_erp(f"x{NEW}")

    assert ask(at(), named(ground.bill())).status == "asked"


def wrong_facts(ground: Ground) -> dict[str, Callable[[Any], Any]]:
    invoice, other = ground.bill(), ground.bill(customer=ALPINE)
    old, gone = ground.bill(), ground.bill()
    with writing():
        longest = timedelta(days=92)
        Invoice.objects.filter(pk=old.pk).update(issued_date=clock.now().date() - longest)
        Invoice.objects.filter(pk=gone.pk).update(gone_at=clock.now())
    return {
        "customer": lambda session: ask(session, named(invoice), number="C-NOBODY"),
        "invoice": lambda session: ask(session, named(invoice, number="SI-NOTHING")),
        "amount": lambda session: ask(session, named(invoice, minor=invoice.total_minor + 1)),
        "another customer's": lambda session: ask(session, named(other)),
        "too old": lambda session: ask(session, named(old)),
        "gone": lambda session: ask(session, named(gone)),
        "one too many": lambda session: ask(session, named(invoice), named(old)),
        "none": ask,
        "two accounts": lambda session: ask(session, named(invoice), named(other)),
    }


def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(ground: Ground) -> None:
    opened()
    seen = {}
    for name, deed in wrong_facts(ground).items():
        forget_counts()
        session = at()
        with CaptureQueriesContext(connections["default"]) as asked, pytest.raises(NoMatch) as got:
            deed(session)
        seen[name] = (len(asked), str(got.value), got.value.facts)

    assert len({repr(each) for each in seen.values()}) == 1, seen
    assert role_of() == []
    with reading():
        assert not JoinRequest.objects.exists()


def test_a_way_that_was_shut_meanwhile_answers_like_wrong_facts(ground: Ground) -> None:
    opened()
    session, invoice = at(), ground.bill()
    keep_rules(Rules())

    with pytest.raises(NoMatch):
        ask(session, named(invoice))


def test_two_invoices_may_be_wanted_and_one_twice_is_not_two(ground: Ground) -> None:
    opened(invoices=2)
    first, second = ground.bill(), ground.bill("90.00")

    with pytest.raises(NoMatch):
        ask(at(), named(first))
    with pytest.raises(NoMatch):
        ask(at(), named(first), named(first))
    assert ask(at(), named(first), named(second)).status == "asked"


def test_a_number_is_read_as_people_type_it(ground: Ground) -> None:
    opened()
    invoice = ground.bill()

    found = ask(at(), named(invoice, number=f" {invoice.number.lower()} "), number="c- 10482")

    assert found.customer_account_id == ground.account().pk


def test_only_a_mailbox_that_was_proven_in_this_browser_may_name_facts(ground: Ground) -> None:
    opened()
    session, other = browser(), browser()
    mail_code(NEW, session, ip=IP, language="en")
    other["arrival"] = {**session["arrival"], "browser": "another"}

    with pytest.raises(NotProven):
        ask(session, named(ground.bill()))
    with pytest.raises(WrongCode):
        prove_mailbox(mailed_code(), other)
    prove_mailbox(mailed_code(), session)
    with pytest.raises(WrongCode):
        prove_mailbox(mailed_code(), session)  # once
    with writing():
        Mailbox.objects.update(expires_at=clock.now())
    with pytest.raises(NotProven):
        ask(session, named(ground.bill()))


def test_five_wrong_codes_end_a_code(ground: Ground) -> None:
    opened()
    session = browser()
    mail_code(NEW, session, ip=IP, language="en")
    right = mailed_code()
    for number in range(5):
        with pytest.raises(WrongCode):
            prove_mailbox(f"{(int(right) + number + 1) % 10**6:06d}", session)

    with pytest.raises(WrongCode):
        prove_mailbox(right, session)


def test_whom_a_team_removed_and_who_is_switched_off_stays_out(ground: Ground) -> None:
    opened(at_once="anybody")
    removed, off = new_user(NEW), new_user("off@harborline.test")
    change(off, is_active=False)
    new_user("clerk@northwind.test", role="clerk")
    removed_from(ground.account(), removed)
    invoice = ground.bill()

    for email in (NEW, off.email, "clerk@northwind.test"):
        with pytest.raises(NoMatch):
            ask(at(email), named(invoice))
        assert role_of(email) == []


def test_who_acts_for_the_account_already_keeps_the_role(ground: Ground) -> None:
    opened(at_once="anybody")
    person = new_user(NEW)
    acts_for(ground.account(), person, "approve")

    with pytest.raises(HereAlready):
        ask(at(), named(ground.bill()))

    assert role_of() == ["approve"]


def test_three_tries_a_day_of_a_mailbox_are_looked_at(ground: Ground) -> None:
    opened()
    session, invoice = at(), ground.bill()
    for _ in range(3):
        with pytest.raises(NoMatch):
            ask(session, named(invoice, minor=1))

    with pytest.raises(TooManyAsked) as got:
        ask(session, named(invoice))

    assert 0 < got.value.retry_after_seconds <= 24 * 3600
    assert role_of() == []


def guesser(number: int) -> tuple[str, str]:
    return f"eve{number}@elsewhere.test", f"198.51.{number}.7"


def test_of_many_tries_at_once_ten_of_an_account_are_looked_at(ground: Ground) -> None:
    opened()
    invoice = ground.bill()
    sessions = [(at(email, ip=ip), ip) for email, ip in map(guesser, range(14))]

    got = all_at_once(
        *[partial(ask, each, named(invoice, minor=1), ip=ip) for each, ip in sessions]
    )

    kinds = sorted(type(each).__name__ for each in got)
    assert kinds == ["DoorClosed"] * 4 + ["NoMatch"] * 10


def test_a_thousand_guesses_let_nobody_in(ground: Ground) -> None:
    opened(at_once="anybody")
    invoice = ground.bill()
    looked_at = 0
    for number in range(20):
        email, ip = guesser(number)
        session = at(email, ip=ip)
        for guess in range(50):
            try:
                ask(session, named(invoice, minor=invoice.total_minor + 1 + guess), ip=ip)
            except NoMatch:
                looked_at += 1
            except TooManyAsked:
                continue

    assert looked_at == 10
    with reading():
        assert not JoinRequest.objects.exists()
        assert not Contact.objects.exists()


def test_strangers_close_a_door_for_strangers_only_and_the_team_is_told_once(
    ground: Ground,
) -> None:
    opened()
    new_user("priya@northwind.test", role="clerk")
    known_to_erp(NEW)
    invoice = ground.bill()
    for number in range(12):
        email, ip = guesser(number)
        with pytest.raises((NoMatch, DoorClosed)):
            ask(at(email, ip=ip), named(invoice, minor=1), ip=ip)

    assert told("join_guessed") == ["priya@northwind.test"]
    assert events("join door closed") == 2
    assert ask(at(), named(invoice)).status == "asked"


def test_the_door_of_a_number_that_nobody_has_closes_likewise(ground: Ground) -> None:
    opened()
    invoice = ground.bill()
    answers = []
    for number in range(11):
        email, ip = guesser(number)
        with pytest.raises((NoMatch, DoorClosed)) as got:
            ask(at(email, ip=ip), named(invoice), number="C-NOBODY", ip=ip)
        answers.append(type(got.value))

    assert answers == [NoMatch] * 10 + [DoorClosed]


def test_asked_twice_waits_once_also_at_the_same_moment(ground: Ground) -> None:
    opened()
    invoice = ground.bill()
    first, second = at(), at()

    got = all_at_once(partial(ask, first, named(invoice)), partial(ask, second, named(invoice)))

    assert len({each.pk for each in got if isinstance(each, JoinRequest)}) == 1
    with reading():
        assert JoinRequest.objects.count() == 1


def test_codes_are_mailed_three_times_an_hour_at_most(ground: Ground) -> None:
    opened()
    for _ in range(3):
        mail_code(NEW, browser(), ip=IP, language="en")

    with pytest.raises(TooManyAsked):
        mail_code(NEW, browser(), ip="198.51.100.4", language="en")

    assert len(told("join_code")) == 3


def test_what_nobody_answers_ends_after_two_weeks_and_can_be_asked_anew(ground: Ground) -> None:
    opened()
    invoice = ground.bill()
    found = ask(at(), named(invoice))
    with writing():
        JoinRequest.objects.filter(pk=found.pk).update(expires_at=clock.now())

    expire.func(0)

    with reading():
        assert JoinRequest.objects.get(pk=found.pk).status == "expired"
    assert told("join_answered") == [NEW]
    assert ask(at(), named(invoice)).pk != found.pk


def test_an_account_of_another_number_is_nobodys_business(ground: Ground) -> None:
    opened()
    other = ground.bill(customer=ALPINE)

    found = ask(at(), named(other), number=ALPINE)

    assert found.customer_account_id != ground.account(HARBORLINE).pk
