"""``quittance mapping``: where payments are booked, out as a file and in again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from quittance.connections import mapping, mapping_file
from quittance.connections.mapping_file import Written, difference, told_problem
from quittance.core.errors import OutsideError, RuleBroken
from quittance.project import whose
from quittance.project.terminal import NotAnswered, Terminal
from quittance.project.whose import Unclear
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for


def options(arguments: Sequence[str], *, explained: str) -> Namespace:
    """Return what was chosen."""
    parser = ArgumentParser(prog="quittance mapping", description=explained)
    parser.add_argument("act", choices=["export", "import"])
    parser.add_argument("file", help="- for standard input or output")
    parser.add_argument("--organization", default="", help="its id or one of its hosts")
    parser.add_argument("--legal-entity", default="", metavar="NAME")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    return parser.parse_args(arguments)


def run(chosen: Namespace, terminal: Terminal) -> int:
    """Return the exit code: 0 done, 1 refused and nothing changed, 2 not enough told."""
    try:
        organization_id = whose.organization(chosen.organization, terminal)
        with working_for(organization_id, actor="operator"):
            entity = whose.legal_entity(chosen.legal_entity, terminal)
            if entity is None:
                raise Unclear("There is no such legal entity.")
            return _export(chosen, entity, terminal) if chosen.act == "export" else _import(
                chosen, entity, terminal
            )  # fmt: skip
    except Unclear as error:
        terminal.say(str(error))
        return 2
    except (RuleBroken, OutsideError, OSError) as error:
        terminal.say(f"{error}\nNothing was changed.")
        return 1


def _export(chosen: Namespace, entity: LegalEntity, terminal: Terminal) -> int:
    with reading():
        rules = [mapping.as_written(each) for each in mapping.rules_of(entity.pk)]
    text = mapping_file.written(rules)
    if chosen.file == "-":
        terminal.say(text)
    else:
        Path(chosen.file).write_text(text, encoding="utf-8")
        terminal.say(f"{len(rules)} rules of {entity.name} are in {chosen.file}.")
    return 0


def _import(chosen: Namespace, entity: LegalEntity, terminal: Terminal) -> int:
    """Check everything, show what changes, then apply all of it or nothing."""
    text = terminal.source.read() if chosen.file == "-" else Path(chosen.file).read_text("utf-8")
    found = mapping_file.read(text)
    wrong = [
        told_problem(each, problem)
        for each in found
        for problem in mapping.problems_of(entity.pk, each.rule)
    ]
    if wrong:
        terminal.say("\n".join(wrong))
        terminal.say(f"\n{len(wrong)} things are wrong. Nothing was changed.")
        return 1
    with reading():
        old = [mapping.as_written(each) for each in mapping.rules_of(entity.pk)]
    changes = difference(old, [each.rule for each in found])
    if not changes:
        terminal.say(f"The rules of {entity.name} are so already.")
        return 0
    terminal.say(f"{entity.name}:")
    terminal.say("\n".join(changes))
    return _apply(chosen, entity, found, terminal)


def _apply(
    chosen: Namespace, entity: LegalEntity, found: Sequence[Written], terminal: Terminal
) -> int:
    if not chosen.yes:
        try:
            if terminal.ask("Apply? yes or no", default="no") != "yes":
                terminal.say("Nothing was changed.")
                return 1
        except NotAnswered:
            raise Unclear("Nothing was changed. Give --yes to apply it.") from None
    mapping.replace_rules(entity.pk, [each.rule for each in found])
    terminal.say("Applied. What is in line already keeps its way.")
    return 0
