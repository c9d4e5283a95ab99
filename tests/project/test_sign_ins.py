"""``quittance sign-ins``: the policy is shown and changed, lost factors are taken away."""

from __future__ import annotations

import io

import pytest

from quittance.audit.models import AuditEvent
from quittance.identity.factors.owned import factors_of
from quittance.identity.models import User
from quittance.identity.policy import policy_of
from quittance.notifications.models import Message
from quittance.project import sign_ins
from quittance.project.terminal import Terminal
from quittance.receivables.models import Contact
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, HARBORLINE, Ground
from tests.identity.people import new_user
from tests.identity.test_factors import app_for


def run(ground: Ground, *arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it said."""
    to = io.StringIO()
    told = [*arguments, "--organization", str(ground.organization_id)]
    chosen = sign_ins.options(told, explained="")
    return sign_ins.run(chosen, Terminal(source=io.StringIO(), to=to, asks=False)), to.getvalue()


def acts_for(user: User, ground: Ground, number: str, role: str) -> None:
    account = ground.account(number)
    with writing():
        Contact.objects.create(user=user, customer_account=account, role=role)


def test_the_policy_is_shown_and_changed_in_parts(ground: Ground) -> None:
    before = run(ground, "policy")
    changed = run(ground, "policy", "--buyers", "required", "--proof-above", "1000.00 usd")
    again = run(ground, "policy", "--staff", "offered")

    assert "staff: required from 20" in before[1]
    assert "payments above: none" in before[1]
    assert "buyers: required" in changed[1]
    assert "above: 1000.00 USD" in again[1]
    assert "buyers: required" in again[1]
    with reading():
        assert policy_of().staff == "offered"
    assert run(ground, "policy", "--proof-above", "none")[1].endswith("above: none.\n")


@pytest.mark.parametrize("amount", ["much", "12", "1.005 USD", "-5 USD"])
def test_an_amount_that_is_none_changes_nothing(ground: Ground, amount: str) -> None:
    code, _ = run(ground, "policy", f"--proof-above={amount}")

    assert code in {1, 2}
    with reading():
        assert policy_of().proof_above is None


def take(ground: Ground, person: User, by: User) -> int:
    told = ("--person", person.email, "--by", by.email)
    return run(ground, "take-factors", *told)[0]


def test_an_administrator_of_the_same_side_takes_lost_factors_away_and_nobody_else(
    ground: Ground,
) -> None:
    sam = new_user("sam@x.example", role="manager")
    ana = new_user("ana@x.example", role="administrator")
    dana, luca, lee = (new_user(f"{each}@x.example") for each in ("dana", "luca", "lee"))
    acts_for(dana, ground, HARBORLINE, "pay")
    acts_for(luca, ground, HARBORLINE, "administer")
    acts_for(lee, ground, ALPINE, "administer")
    for each in (sam, ana, dana):
        app_for(each)

    refused = [take(ground, sam, by) for by in (sam, luca)]
    refused += [take(ground, dana, by) for by in (ana, lee, dana)]
    refused.append(take(ground, ana, ana))
    kept = [factors_of(each).any for each in (sam, ana, dana)]
    done = [take(ground, sam, ana), take(ground, dana, luca)]

    assert (refused, kept, done) == ([1] * 6, [True] * 3, [0, 0])
    assert not factors_of(sam).any
    assert not factors_of(dana).any
    with reading():
        assert User.objects.get(pk=sam.pk).signed_out_at
        assert AuditEvent.objects.filter(what="second factors taken away").count() == 2
        mails = Message.objects.filter(kind="factor_changed")
        assert {(each.to, each.facts["what"]) for each in mails} == {
            ("sam@x.example", "taken_away"), ("dana@x.example", "taken_away"),
        }  # fmt: skip


def test_who_is_not_there_is_named(ground: Ground) -> None:
    code, said = run(ground, "take-factors", "--person", "x@x.example", "--by", "y@x.example")

    assert code == 2
    assert "x@x.example" in said
