"""``quittance connect``: asks for what an ERP's adapter must be told, tests it, and keeps it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from quittance.connections import trial
from quittance.connections.capabilities import look_at_erp
from quittance.connections.keep import keep_erp_connection
from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured, OutsideError
from quittance.erp.connecting import Choice, Outcome, Tried
from quittance.posting.queue import has_postings
from quittance.project import whose
from quittance.project.environment import env_connect
from quittance.project.terminal import NotAnswered, Terminal, values
from quittance.project.whose import Unclear
from quittance.receivables.gone import read_anew
from quittance.receivables.jobs import subscribe, wake
from quittance.receivables.subscriptions import ask_for_hints
from quittance.tenancy.address import portal_address
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for

_MARKS = {Outcome.GOOD: "ok  ", Outcome.DOUBTFUL: "LOOK", Outcome.BAD: "BAD "}


def connect(kind: str, chosen: Namespace, terminal: Terminal) -> int:
    """Return the exit code: 0 connected, 1 a step failed and nothing was kept, 2 not enough told.

    A legal entity that is connected already gives what is not told anew, its secret too.
    """
    kind = kind.replace("-", "_")
    try:
        organization_id = whose.organization(chosen.organization, terminal)
        with working_for(organization_id, actor="operator"):
            return _connect(kind, chosen, terminal, organization_id)
    except (Unclear, Misconfigured) as error:
        terminal.say(f"{_MARKS[Outcome.BAD]}  {error}")
        return 2
    except OutsideError as error:
        terminal.say(f"{_MARKS[Outcome.BAD]}  {error}")
        return 1


def _connect(kind: str, chosen: Namespace, terminal: Terminal, organization_id: UUID) -> int:
    entity = whose.legal_entity(chosen.legal_entity, terminal)
    before = trial.kept_settings(entity.pk, kind) if entity else {}
    settings = {
        field.name: _told(field, chosen) or before.get(field.name, "") or field.default
        for field in trial.fields_of(kind)
    }
    _ask(kind, settings, chosen, terminal, before.keys())
    if not _pick(kind, settings, terminal):
        return 1
    if entity and has_postings(entity.pk):
        trial.check_lasting(kind, before, settings)
    if not _good(trial.try_out(kind, settings, writing=True), terminal):
        _say_permissions(kind, settings, terminal)
        terminal.say("\nNothing was kept. Mend what is marked BAD, and run this again.")
        return 1
    _say_permissions(kind, settings, terminal)
    if chosen.check_only:
        terminal.say("\nAll that is needed works. Nothing was kept: --check-only.")
        return 0
    if entity is None:
        entity = whose.new_legal_entity(
            chosen.legal_entity, chosen.zone, settings.get("local_currency", ""), terminal
        )
    _keep(kind, settings, entity, anew=trial.other_books(kind, before, settings))
    terminal.say(f"\nKept, sealed, for {entity.name}. A worker reads customers and invoices now.")
    _call_us(entity, organization_id, chosen.portal, terminal)
    with suppress(OutsideError):  # noted on the connection, and looked at again tomorrow
        look_at_erp(entity.pk)
    return 0


def _ask(
    kind: str,
    settings: dict[str, str],
    chosen: Namespace,
    terminal: Terminal,
    kept: Collection[str],
) -> None:
    """Ask for what nobody told; what is kept already or rarely differs is not asked for."""
    for field in trial.fields_of(kind):
        known = field.name in kept or _told(field, chosen)
        if not (field.offered or field.rarely or known):
            settings[field.name] = _typed(field, terminal, settings[field.name])


def _pick(kind: str, settings: dict[str, str], terminal: Terminal) -> bool:
    """Fill in what the ERP can name. ``False``, with a line for each step: it does not answer."""
    try:
        for field in trial.fields_of(kind):
            if field.offered:
                settings[field.name] = _picked(kind, field, terminal, settings)
    except OutsideError:
        first = {
            field.name: settings[field.name] for field in trial.fields_of(kind) if not field.offered
        }
        if _good(trial.try_out(kind, first, writing=False, unfinished=True), terminal):
            raise
        _say_permissions(kind, first, terminal)
        return False
    return True


def _told(field: Field, chosen: Namespace) -> str:
    """What an option, the environment or a file says of this setting."""
    if field.secret:
        file = getattr(chosen, f"{field.name}_file")
        return _read(file) if file else env_connect(field.name)
    told = getattr(chosen, field.name) or env_connect(field.name)
    return told or (chosen.url if field.rarely and field.address else "")


def _read(file: str) -> str:
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise Unclear(f"The file {file} cannot be read: {error.strerror}.") from None


def _typed(field: Field, terminal: Terminal, default: str) -> str:
    try:
        if field.secret:
            return terminal.secret(field.label, explained=field.help)
        return terminal.ask(field.label, explained=field.help, default=default)
    except NotAnswered:
        if default or field.optional:
            return default
        raise Unclear(_how_to_tell(field)) from None


def _picked(kind: str, field: Field, terminal: Terminal, settings: Mapping[str, str]) -> str:
    """Return one of what the ERP offers. One that it is for sure is not asked for."""
    told = settings[field.name]
    earlier = {name: value for name, value in settings.items() if name != field.name}
    offered = trial.choices(kind, earlier, field.name)
    if told:
        return _by_label(told, offered)
    if len(offered) == 1 or (field.optional and not offered):
        found = offered[0].value if offered else ""
        terminal.say(f"      {field.label}: {found or 'none found'}")
        return found
    try:
        return _by_label(terminal.choose(field.label, offered, explained=field.help), offered)
    except NotAnswered:
        known = "; ".join(f"{each.value} {each.label}" for each in offered[:20])
        raise Unclear(f"{_how_to_tell(field)} It may be: {known or 'nothing'}.") from None


def _by_label(told: str, offered: Sequence[Choice]) -> str:
    """A company may be given by its name instead of its id."""
    named = [each.value for each in offered if each.label.casefold() == told.casefold()]
    return named[0] if len(named) == 1 and told not in values(offered) else told


def _how_to_tell(field: Field) -> str:
    option = f"--{field.name.replace('_', '-')}"
    option = f"{option}-file" if field.secret else option
    return (
        f"{field.label} is missing. Give {option}, or QUITTANCE_CONNECT_{field.name.upper()} in "
        f"the environment. {field.help}"
    )


def _good(steps: Iterable[Tried], terminal: Terminal) -> bool:
    """Write a line for each step; say whether all that is needed works."""
    terminal.say()
    good = True
    for each in steps:
        terminal.say(f"{_MARKS[each.outcome]}  {each.title + ':':<28} {each.sentence}")
        good = good and (each.outcome != Outcome.BAD or not each.needed)
    return good


def _say_permissions(kind: str, settings: Mapping[str, str], terminal: Terminal) -> None:
    rights = trial.permissions(kind, settings)
    if rights:
        terminal.say("\nRights to give the application (inferred; not tried on a real tenant):")
    for right in rights:
        terminal.say(f"      {right}")


def _keep(kind: str, settings: Mapping[str, str], entity: LegalEntity, *, anew: bool) -> None:
    with writing():
        if anew:
            read_anew(entity.pk)
        keep_erp_connection(legal_entity_id=entity.pk, kind=kind, settings=settings)
        wake(entity.pk)


def _call_us(entity: LegalEntity, organization_id: UUID, portal: str, terminal: Terminal) -> None:
    """Ask for hints at once, so that a wrong address shows; a job goes on trying."""
    address = (portal or portal_address(organization_id)).rstrip("/")
    if not address:
        terminal.say("LOOK  No host leads to this organization, so the ERP cannot call us: we read")
        terminal.say("      every minute. Add a host, and run this again with --portal.")
        return
    try:
        ask_for_hints(entity.pk, address)
    except OutsideError as error:
        terminal.say(f"LOOK  The ERP cannot call us at {address}: {error}")
        terminal.say("      We read every minute all the same, and go on asking for its calls.")
        with writing():
            subscribe.defer(
                organization_id=str(organization_id), legal_entity_id=str(entity.pk),
                base_url=address,
            )  # fmt: skip
    else:
        terminal.say(f"ok    The ERP calls us at {address} when something changes.")
