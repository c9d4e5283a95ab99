"""Makes the views out of their sources; called by migrations.

The sources are what counts. A migration names the fingerprint of the sources that it was written
for: an older one, whose fingerprint is another, does nothing, so that a new database is never asked
for columns that it will only have later. Whoever changes a source writes a new migration; a
migration that changes a column which a view reads drops the views first (``DROP_ALL``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_FOLDER: Final = Path(__file__).parent / "invariants"
PREFIX: Final = "invariant_"
DROP_ALL: Final = """
DO $$ DECLARE view_name text; BEGIN
    FOR view_name IN SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind = 'v' AND nspname = 'public' AND relname LIKE 'invariant\\_%'
    LOOP EXECUTE format('DROP VIEW public.%I', view_name); END LOOP;
END $$
"""


def sources() -> Mapping[str, str]:
    """Return each view's key and the query behind it."""
    return {file.stem: file.read_text("utf-8") for file in sorted(_FOLDER.glob("*.sql"))}


def fingerprint() -> str:
    """Return what changes when any source does."""
    together = "\0".join(f"{key}\0{query}" for key, query in sources().items())
    return hashlib.sha256(together.encode()).hexdigest()[:16]


class RaiseInvariants(Operation):
    """A migration's step: all views anew, if the sources are those that it was written for."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, of: str) -> None:
        self.of = of

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], {"of": self.of})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: the views are the database's own."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - the signature is Django's
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        if self.of != fingerprint():
            return
        schema_editor.execute(DROP_ALL, params=None)
        for key, query in sources().items():
            # With the reader's own eyes: without this a view would pass all walls.
            schema_editor.execute(
                f"CREATE VIEW {PREFIX}{key} WITH (security_invoker = true) AS\n{query}",
                params=None,
            )

    def database_backwards(
        self,
        app_label: str,  # noqa: ARG002
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        schema_editor.execute(DROP_ALL, params=None)

    def describe(self) -> str:
        return "Make the views of all invariants"
