"""``quittance bank``: reads a bank's file; bank accounts, out as a file and in again."""

from __future__ import annotations

import json
import tomllib
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from quittance.backoffice.transfers.changes import Draft
from quittance.confirmations.models import Kind
from quittance.confirmations.rules import wants_second
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.project import whose
from quittance.project.terminal import Terminal
from quittance.project.whose import Unclear
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.transfers.accounts import CannotBeRight, Told, keep_account, problems_of
from quittance.transfers.matching import match_waiting
from quittance.transfers.models import BankAccount
from quittance.transfers.statements import keep_file

_PARTS: Final = tuple(each.name for each in fields(Told))
_EXPLAINED: Final = """\
# The seller's bank accounts, one [[account]] for each legal entity and currency.
#   iban, or number and bank_code   stay for good; another one is another account
#   booked_by                       "erp": its bank reconciliation; "portal": statements read here
#   active = false                  no buyer is offered it any more
"""


def options(arguments: Sequence[str], *, explained: str) -> Namespace:
    """Return what was chosen."""
    parser = ArgumentParser(prog="quittance bank", description=explained)
    parser.add_argument("act", choices=["read", "export", "import"])
    parser.add_argument("file", help="for export and import: - for standard output or input")
    parser.add_argument("--organization", default="", help="its id or one of its hosts")
    words = "import without the second person's word that the organization wants; the audit says so"
    parser.add_argument("--alone", action="store_true", help=words)
    return parser.parse_args(arguments)


def run(chosen: Namespace, terminal: Terminal) -> int:
    """Return the exit code: 0 done, 1 refused and nothing changed, 2 not enough told."""
    act = {"read": _read, "export": _export, "import": _import}[chosen.act]
    try:
        organization_id = whose.organization(chosen.organization, terminal)
        with working_for(organization_id, actor="operator"):
            return act(chosen, terminal)
    except Unclear as error:
        terminal.say(str(error))
        return 2
    except (RuleBroken, OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        terminal.say(f"{error}\nNothing was changed.")
        return 1


def _read(chosen: Namespace, terminal: Terminal) -> int:
    """Keep what is new of a statement, and book what fits exactly; the worker does the rest."""
    path = Path(chosen.file)
    with path.open("rb") as file:
        kept = keep_file(file, name=path.name, size=path.stat().st_size)
    booked = match_waiting()
    terminal.say(f"{kept.lines} movements, {kept.news} new, {booked} booked.")
    if kept.pending:
        terminal.say(f"{kept.pending} are not booked at the bank yet and were left out.")
    return 0


def _export(chosen: Namespace, terminal: Terminal) -> int:
    with reading():
        rows = list(BankAccount.objects.select_related("legal_entity").order_by("created_at"))
    text = "\n".join([_EXPLAINED, *map(_written, rows)])
    if chosen.file == "-":
        terminal.say(text)
    else:
        Path(chosen.file).write_text(text, encoding="utf-8")
        terminal.say(f"{len(rows)} bank accounts are in {chosen.file}.")
    return 0


def _import(chosen: Namespace, terminal: Terminal) -> int:
    """Keep every account of the file, once all of them can be right; others stay as they are."""
    text = terminal.source.read() if chosen.file == "-" else Path(chosen.file).read_text("utf-8")
    rows = tomllib.loads(text).get("account", [])
    with reading():
        entities = {each.name: each for each in LegalEntity.objects.all()}
    told = [_told(row, place, entities) for place, row in enumerate(rows, start=1)]
    second = _second_person(told, alone=chosen.alone)
    for entity, each, is_active in sorted(told, key=lambda row: row[2]):  # the old one first
        name = f"{entity.name}, {each.bank_name} {each.currency}"
        try:
            keep_account(entity.pk, each, account_id=_known(each), is_active=is_active,
                         second_person=second)  # fmt: skip
        except CannotBeRight as error:
            terminal.say(f"{name}: {error} It was left as it is; what stands above is kept.")
            return 1
        terminal.say(f"{name} is kept.")
    return 0


def _second_person(told: Sequence[tuple[LegalEntity, Told, bool]], *, alone: bool) -> str:
    """Return what the audit is to say of the second person's word; say no where it is wanted."""
    with reading():
        if not wants_second(Kind.BANK_ACCOUNTS):
            return ""
        waits = [each for each in told if not _draft(*each).only_ends]
    if waits and not alone:
        raise RuleBroken(
            f"{len(waits)} accounts are new or changed, and another person has to confirm such:"
            " do it in the back office, at Bank. With --alone it is done without; the audit says"
            " so."
        )
    return "left out by the operator" if waits else ""


def _draft(entity: LegalEntity, told: Told, is_active: bool) -> Draft:
    row = _row(told)
    return Draft(legal_entity=entity, account_id=row.pk if row else new_id(), told=told,
                 is_active=is_active, row=row)  # fmt: skip


def _known(told: Told) -> UUID | None:
    with reading():
        row = _row(told)
    return row.pk if row else None


def _row(told: Told) -> BankAccount | None:
    return BankAccount.objects.filter(
        iban=told.iban, number=told.number, bank_code=told.bank_code, currency=told.currency
    ).first()


def _told(
    row: dict[str, Any], place: int, entities: dict[str, LegalEntity]
) -> tuple[LegalEntity, Told, bool]:
    """Read one account. Raises ``RuleBroken`` naming it and the part."""
    unknown = set(row) - {*_PARTS, "legal_entity", "active"}
    if unknown:
        raise RuleBroken(f"Account {place} has no part {', '.join(sorted(unknown))}.")
    entity = entities.get(str(row.get("legal_entity", "")))
    if entity is None:
        known = ", ".join(sorted(entities))
        raise RuleBroken(f"Account {place}: name its legal_entity, one of {known}.")
    parts = {name: str(row[name]) for name in _PARTS if name in row}
    told = Told.typed({"booked_by": "erp", **parts})
    wrong = problems_of(told)
    if wrong:
        words = "; ".join(f"{field}: {sentence}" for field, sentence in wrong)
        raise RuleBroken(f"Account {place}: {words}")
    return entity, told, bool(row.get("active", True))


def _written(row: BankAccount) -> str:
    lines = ["[[account]]", f"legal_entity = {json.dumps(row.legal_entity.name)}"]
    lines += [
        f"{name} = {json.dumps(getattr(row, name), ensure_ascii=False)}"
        for name in _PARTS
        if getattr(row, name)
    ]
    return "\n".join([*lines, f"active = {'true' if row.is_active else 'false'}", ""])
