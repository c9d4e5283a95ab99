"""What must hold between our own rows; asked as a superuser, who sees every organization."""

from __future__ import annotations

from typing import Final

from tests.chaos.house import House

# The product's own views, by the beginning of their names. Left out are those that compare with
# the gateway's books as the portal read them last: this run reads these books itself; and what
# is under way, which it waits for.
_ALWAYS: Final = ("i", "l")
_AT_REST: Final = ("q5", "q6", "q7")
_VIEWS = "SELECT viewname FROM pg_views WHERE viewname LIKE 'invariant\\_%' ORDER BY viewname"
_MORE: Final = {
    "each paid payment has one receipt in the mail": """
        SELECT p.number FROM payments_payment p WHERE p.status = 'succeeded' AND 1 <>
        (SELECT count(*) FROM notifications_message m WHERE m.key = 'receipt:' || p.id
            AND m.sent_at IS NOT NULL)""",
    "nothing ends without evidence": """
        SELECT c.subject_kind || ' ' || c.subject_id || ': ' || c.cause FROM audit_statuschange c
        WHERE c.subject_kind IN ('payment', 'attempt') AND c.to_status IN ('failed', 'cancelled')
        AND (c.cause = '' OR c.cause ILIKE '%timeout%' OR c.cause ILIKE '%retries%')""",
}


def broken(house: House, *, at_rest: bool) -> list[str]:
    """Ask the product's views, and more where it is ``at_rest``; one sentence for each row."""
    found = []
    sorts = _ALWAYS + (_AT_REST if at_rest else ())
    with house.admin() as admin:
        asked = dict(_MORE) if at_rest else {}
        for (view,) in admin.execute(_VIEWS).fetchall():
            if view.removeprefix("invariant_").startswith(sorts):
                asked[view] = f"SELECT subject_kind || ' ' || subject || ' ' || facts FROM {view}"
        for name, question in asked.items():
            rows = admin.execute(question.encode()).fetchall()
            found += [f"NOT: {name}: {row[0]}" for row in rows[:10]]
    return found


def count(house: House) -> int:
    """How many of the product's views are asked."""
    with house.admin() as admin:
        views = [row[0].removeprefix("invariant_") for row in admin.execute(_VIEWS).fetchall()]
    return sum(view.startswith(_ALWAYS + _AT_REST) for view in views)
