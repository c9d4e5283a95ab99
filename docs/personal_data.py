"""Writes the table of periods out of the code: ``python -m docs.personal_data``."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = Path(__file__).parent / "reference" / "personal-data.md"
_BEGIN = """\
# Personal data, and how long it is kept

What is known of people goes by itself when its time is over. The table is that of
[`privacy/rules.py`](../../quittance/privacy/rules.py); `python -m docs.personal_data` writes this
page anew, and a test fails when page and code differ.

A job goes through all rules every night (02:40 UTC), one organization after the other, in steps of
500 rows and at most 20,000 of a rule; the next night takes the rest. `quittance retention` says
what would go now, and `quittance retention --apply` lets go of it at once
([commands](commands.md)). Times are the same for every organization.

| What | Kept for | Counted from | Then | Why so long |
|---|---|---|---|---|
"""
_END = """
Sessions of browsers that are over are thrown away every hour, files of documents after a day.

## Where a person is named

The table of [`privacy/places.py`](../../quittance/privacy/places.py). What is told of a person who
asks ([how](../how-to/tell-and-erase-people.md)) has every row of these tables that names them,
without secrets and without what is about others. A test goes through every table of the database:
one that names people and is not here fails it.

| What | Table | An erasure | Why it stays |
|---|---|---|---|
"""
_KEPT = """
## What is kept

| What | Why |
|---|---|
"""


def page() -> str:
    """Return the whole page. Django must be set up."""
    from quittance.privacy.places import PLACES
    from quittance.privacy.rules import KEPT, RULES

    rows = "".join(
        f"| {rule.what} | {rule.period} | `{rule.over}` | {rule.happens} | {rule.why} |\n"
        for rule in RULES
    )
    places = "".join(
        f"| {place.what} | `{place.table}` | {place.fate} | {place.why} |\n" for place in PLACES
    )
    kept = "".join(f"| {what} | {why} |\n" for what, why in KEPT.items())
    return _BEGIN + rows + _END + places + _KEPT + kept


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quittance.project.settings")
    django.setup()
    PAGE.write_text(page(), "utf-8")
