"""Life cycles that the database keeps: which status may follow which."""

from __future__ import annotations

from collections.abc import Mapping


def guard_statuses(kind: str, table: str, steps: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    """Return the SQL that makes ``table`` keep the life cycle ``steps``, and what undoes it.

    From then on PostgreSQL refuses every other step of the column ``status``, a row that does not
    begin with the first status of ``steps``, and the deletion of a row; and it writes each step
    down as a ``StatusChange``. A migration that adds a step runs this again.
    """
    first = next(iter(steps))
    rows = ", ".join(
        f"('{kind}', '{before}', '{after}')" for before in steps for after in sorted(steps[before])
    )
    forward = f"""
        DELETE FROM audit_legal_step WHERE subject_kind = '{kind}';
        INSERT INTO audit_legal_step (subject_kind, from_status, to_status) VALUES {rows};
        CREATE OR REPLACE TRIGGER guard_status BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION audit_guard_status('{kind}');
        CREATE OR REPLACE TRIGGER first_status AFTER INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION audit_first_status('{kind}', '{first}');
        CREATE OR REPLACE TRIGGER is_kept BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
        CREATE OR REPLACE TRIGGER is_kept_whole BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
    """  # noqa: S608 - our own words, in a migration
    backward = f"""
        DROP TRIGGER IF EXISTS guard_status ON {table};
        DROP TRIGGER IF EXISTS first_status ON {table};
        DROP TRIGGER IF EXISTS is_kept ON {table};
        DROP TRIGGER IF EXISTS is_kept_whole ON {table};
        DELETE FROM audit_legal_step WHERE subject_kind = '{kind}';
    """  # noqa: S608
    return forward, backward
