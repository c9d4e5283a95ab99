"""Writes what is looked at out of the code: ``python -m docs.invariants`` writes the page anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docs.life_cycles import set_up

PAGE = Path(__file__).parent / "reference" / "invariants.md"
_BEGIN = """\
# Invariants

What must be true of money, each as a view in the database that is empty when it is. This page is
written from [`reconciliation/catalogue.py`](../../quittance/reconciliation/catalogue.py) by
`python -m docs.invariants`; a test fails when they differ. Why there are three books to compare:
[three books](../explanation/three-books.md).

`quittance check money` asks them all ([commands](commands.md)); the worker does every five minutes,
and keeps what it finds under Exceptions. With `psql`, as the application's role:

```sql
BEGIN;
SELECT set_config('quittance.organization', '<id of the organization>', true),
       set_config('quittance.customer_accounts', '*', true);
SELECT subject, amount_minor, currency, facts FROM invariant_i1_parts_make_the_payment;
COMMIT;
```

A view sees with the reader's eyes (`security_invoker`), so the walls between organizations hold for
it too. Every view has the same columns: `organization_id`, `subject_kind` and `subject` (what is
not as it must be), `payment_id`, `customer_account_id`, `amount_minor` and `currency` (by how
much), `facts` (what the sentence needs) and `due_at` (since when it should not be so; null for what
must never be).

To change one: change its file, write a migration with `RaiseInvariants` and the new fingerprint. A
migration that changes the type of a column that a view reads, or drops it, drops the views first
(`raising.DROP_ALL`), and a later migration of `reconciliation` makes them anew.
"""
_TITLES = {"never": "Never", "not_for_long": "Not for long", "to_be_seen": "To be seen"}
_WORDS = {
    "never": """\
True at every commit. A row here is a fault of this program, or somebody changed the database by
hand. Nothing more is charged or posted by it: keep the payment's timeline and report it.
""",
    "not_for_long": """\
True once nothing is under way. A row counts when it is older than the patience; `--older-than`
shortens it.
""",
    "to_be_seen": """\
Nothing is wrong with our books; a person must know all the same. `quittance check money` leaves
these out.
""",
}


def page() -> str:
    """Return the whole page as it must be. Django must be set up."""
    return "\n".join([_BEGIN, *_sections()])


def _sections() -> Iterator[str]:
    from quittance.reconciliation.catalogue import CATALOGUE, OURS, Sort

    for sort in Sort:
        yield f"## {_TITLES[sort.value]}\n\n{_WORDS[sort.value]}"
        for key, entry in CATALOGUE.items():
            if entry.sort is not sort:
                continue
            source = f"[`{key}`](../../quittance/reconciliation/invariants/{key}.sql)"
            yield f"### {entry.title}\n\n{source}. It says: “{_plain(entry.sentence)}”\n"
            if sort is Sort.NOT_FOR_LONG:
                hours = entry.patience.total_seconds() / 3600
                told = f"{hours:g} hours" if hours >= 1 else f"{hours * 60:g} minutes"
                yield f"Patience: {told}.\n"
            if entry.cure != OURS:
                yield f"What to do: {entry.cure}\n"


def _plain(sentence: str) -> str:
    return sentence.replace("%(", "⟨").replace(")s", "⟩")


if __name__ == "__main__":
    set_up()
    PAGE.write_text(page(), encoding="utf-8")
