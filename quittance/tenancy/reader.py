"""Lets a role of the database read and do nothing else: for reports, and for ``quittance check``.

The walls hold for it as for the application: it sees the rows of the organization that it names,
and none without a name. What opens something (passwords, tokens, sealed secrets) it does not see.
"""

from __future__ import annotations

from typing import Any, Final

from psycopg import sql

from quittance.core.errors import RuleBroken

# Columns that open something or are of no use to a report, by how they are called; hashes of the
# audit's chain are called otherwise, and ``check audit`` reads them.
_OPENS: Final = r"^(password|salt|sealed.*|.*_hash|session_key|session_data|challenge|answer)$"


class NoReader(RuleBroken):
    """This role can do more than read, or is not there. Name one of its own; nothing changed."""


def open_to_reader(cursor: Any, role: str) -> None:
    """Let ``role`` see every table but what opens something, as the owner who asks; again is fine.

    To be done after each migration: a new table is closed to it. Raises ``NoReader`` for a role
    that is not there, is mighty, owns a table or was given more than to read.
    """
    _refuse_mighty(cursor, role)
    name = sql.Identifier(role)
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
    cursor.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(name))
    cursor.execute(
        "SELECT c.relname, array_agg(a.attname::text) FILTER (WHERE a.attname !~ %s)"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND a.attnum > 0 AND NOT a.attisdropped"
        " GROUP BY c.relname HAVING bool_or(a.attname ~ %s)",
        [_OPENS, _OPENS],
    )
    for table, columns in cursor.fetchall():
        names = {"table": sql.Identifier(table), "role": name}
        cursor.execute(sql.SQL("REVOKE SELECT ON {table} FROM {role}").format(**names))
        shown = sql.SQL(", ").join(map(sql.Identifier, columns))
        grant = sql.SQL("GRANT SELECT ({columns}) ON {table} TO {role}")
        cursor.execute(grant.format(columns=shown, **names))


def _refuse_mighty(cursor: Any, role: str) -> None:
    cursor.execute(
        "SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb"
        " OR pg_has_role(r.oid, current_user, 'MEMBER') OR EXISTS ("
        "  SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        "  AND c.relkind IN ('r', 'p') AND (c.relowner = r.oid"
        "   OR has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')))"
        " FROM pg_roles r WHERE r.rolname = %s",
        [role],
    )
    found = cursor.fetchone()
    if found is None or found[0]:
        raise NoReader
