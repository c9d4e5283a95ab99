"""``quittance sign-ins``: what is wanted of sign-ins, and the ways out for who cannot sign in."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.policy import Policy, Wish, keep_policy, policy_of
from quittance.project import whose
from quittance.project.terminal import Terminal
from quittance.project.whose import Unclear
from quittance.receivables.lost_factors import take_lost_factors
from quittance.sso.providers import open_domain
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for


def options(arguments: Sequence[str], *, explained: str) -> Namespace:
    """Return what was chosen."""
    parser = ArgumentParser(prog="quittance sign-ins", description=explained)
    parser.add_argument("act", choices=["policy", "take-factors", "open"])
    parser.add_argument("--organization", default="", help="its id or one of its hosts")
    parser.add_argument("--staff", choices=Wish.values, help="a second factor of staff")
    parser.add_argument("--staff-from", type=date.fromisoformat, metavar="DATE",
                        help="from when on required holds for staff")  # fmt: skip
    parser.add_argument("--buyers", choices=Wish.values, help="a second factor of buyers")
    parser.add_argument("--proof-above", metavar="AMOUNT",
                        help='what wants a fresh proof: "1000.00 USD", or "none"')  # fmt: skip
    parser.add_argument("--person", default="", help="take-factors: the address of who lost them")
    parser.add_argument("--domain", default="",
                        help="open: whose people need no single sign-on any more")  # fmt: skip
    parser.add_argument("--by", default="", help="take-factors: the address of an administrator")
    return parser.parse_args(arguments)


def run(chosen: Namespace, terminal: Terminal) -> int:
    """Return the exit code: 0 done, 1 refused and nothing changed, 2 not enough told."""
    try:
        organization_id = whose.organization(chosen.organization, terminal)
        with working_for(organization_id, actor="operator"):
            {"policy": _policy, "take-factors": _take, "open": _open}[chosen.act](chosen, terminal)
    except Unclear as error:
        terminal.say(str(error))
        return 2
    except RuleBroken as error:
        terminal.say(f"{error}\nNothing was changed.")
        return 1
    return 0


def _policy(chosen: Namespace, terminal: Terminal) -> None:
    with reading():
        before = policy_of()
    asked = (chosen.staff, chosen.staff_from, chosen.buyers, chosen.proof_above)
    after = before
    if any(each is not None for each in asked):
        above = before.proof_above if chosen.proof_above is None else _amount(chosen.proof_above)
        after = Policy(
            chosen.staff or before.staff, chosen.staff_from or before.staff_from,
            chosen.buyers or before.buyers, above, before.staff_lengths,
        )  # fmt: skip
        keep_policy(after)
    late = after.staff == Wish.REQUIRED
    begin = f" from {after.staff_from}" if late and after.staff_from > clock.now().date() else ""
    terminal.say(f"Second factor of staff: {after.staff}{begin}.")
    terminal.say(f"Second factor of buyers: {after.buyers}.")
    idle, hours = after.staff_lengths
    terminal.say(
        f"Sessions of staff end unused after {idle or 480} minutes, and {hours or 8} hours."
    )
    terminal.say(f"A fresh proof for payments above: {after.proof_above or 'none'}.")


def _take(chosen: Namespace, terminal: Terminal) -> None:
    with writing():
        person, by = _person(chosen.person), _person(chosen.by)
        take_lost_factors(person, by=by)
    terminal.say(f"{person.email} has no second factor any more, is signed out, and is told so.")


def _open(chosen: Namespace, terminal: Terminal) -> None:
    name = open_domain(chosen.domain)
    if name is None:
        raise Unclear(f"No provider vouches for the domain {chosen.domain!r}: give --domain.")
    terminal.say(f"{name} is not required any more: its people sign in in other ways, too.")


def _person(email: str) -> User:
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise Unclear(f"There is nobody with the address {email!r}: give --person and --by.")
    return found


def _amount(text: str) -> Money | None:
    if text == "none":
        return None
    number, _, currency = text.partition(" ")
    try:
        if not currency.strip():
            raise ValueError(text)
        return Money.from_decimal(Decimal(number), currency.strip().upper())
    except (InvalidOperation, ValueError, RuleBroken):
        raise Unclear(f'{text!r} is no amount: write "1000.00 USD", or "none".') from None
