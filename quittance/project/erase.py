"""``quittance erase``: say where a person is named and what an erasure does, and erase them."""

from __future__ import annotations

from argparse import Namespace
from uuid import UUID

from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.sign_in import normal
from quittance.privacy.duties import duties_of
from quittance.privacy.erasing import erase, would_be_erased
from quittance.project import whose
from quittance.project.terminal import Terminal
from quittance.project.whose import Unclear
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for


def run(chosen: Namespace, terminal: Terminal) -> int:
    """Return the exit code: 0 done or told, 1 refused and nothing erased, 2 not enough told."""
    try:
        organization_id = whose.organization(chosen.organization, terminal)
        with working_for(organization_id, actor="operator"):
            return _run(_person(chosen.person), terminal, apply=chosen.apply)
    except Unclear as error:
        terminal.say(str(error))
        return 2


def _run(person: User, terminal: Terminal, *, apply: bool) -> int:
    terminal.say(f"{person.name} <{person.email}> ({person.pk})")
    for place, count in would_be_erased(person):
        why = f" ({place.why})" if place.why else ""
        terminal.say(f"  {count} {place.fate}: {place.what}{why}")
    with reading():
        duties = duties_of(person)
    for duty in duties:
        terminal.say(f"  first: {duty}")
    if not apply:
        terminal.say("Nothing was changed. --apply erases the person.")
        return 0
    try:
        erase(person.pk, by=None)
    except RuleBroken as error:
        terminal.say(str(error))
        return 1
    terminal.say("The person is erased. `quittance check audit` and `check money` say what stands.")
    return 0


def _person(told: str) -> User:
    with reading():
        try:
            found = User.objects.filter(pk=UUID(told)).first()
        except ValueError:
            found = User.objects.filter(email=normal(told)).first()
    if found is None:
        raise Unclear(f"There is nobody called {told!r} here: give an address or an id.")
    return found
