"""Row security: the only place that tells PostgreSQL for whom a transaction works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

from quittance.tenancy.kept import execute
from quittance.tenancy.opening import open_with
from quittance.tenancy.scope import Scope, current_scope, widened

# The third argument, true, ends the setting with the transaction: set for a session it would
# go on to whoever gets this connection next from the pool.
_SET = (
    "SELECT set_config('quittance.organization', %s, true),"
    " set_config('quittance.customer_accounts', %s, true),"
    " set_config('quittance.actor', %s, true),"
    " set_config('quittance.cause', %s, true)"
)
_SET_READING = _SET + ", set_config('transaction_read_only', 'on', true)"
_WIDTH = "SELECT set_config('quittance.customer_accounts', %s, true)"
_ALL = "*"


@contextmanager
def writing(cause: str = "") -> Iterator[Scope]:
    """One transaction for the current scope. It is outermost: a call outside never happens in it.

    ``cause`` is the reason that the timeline shows for its changes of status; see ``because``.
    Where the scope only reads, PostgreSQL refuses what would change something.
    Raises ``NoScope``, or Django's ``RuntimeError`` inside another transaction.
    """
    scope = current_scope()
    with transaction.atomic(durable=True):
        _tell(scope, _SET_READING if scope.reads_only else _SET, cause)
        yield scope


@contextmanager
def reading() -> Iterator[Scope]:
    """One short transaction that PostgreSQL itself keeps from writing."""
    scope = current_scope()
    with transaction.atomic(durable=True):
        _tell(scope, _SET_READING)
        yield scope


def because(cause: str) -> None:
    """Give the reason that the timeline shows for the changes of status that follow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('quittance.cause', %s, true)", [cause])


def _tell(scope: Scope, statement: str, cause: str = "") -> None:
    open_with(statement, [str(scope.organization_id), _accounts_of(scope), scope.actor, cause])


def _accounts_of(scope: Scope) -> str:
    if scope.customer_accounts is None:
        return _ALL
    return "{" + ",".join(sorted(map(str, scope.customer_accounts))) + "}"


@contextmanager
def seeing_all() -> Iterator[None]:
    """See all of the organization inside an open transaction, until the block ends.

    For a question that a buyer's own act depends on and whose rows the buyer may not see: whether
    a colleague may still approve. Nothing is to be changed within.
    """
    own = current_scope()
    with widened():
        execute(_WIDTH, [_ALL])
        try:
            yield
        except DatabaseError:  # the transaction is lost, and with it the setting
            raise
        except BaseException:
            execute(_WIDTH, [_accounts_of(own)])
            raise
        execute(_WIDTH, [_accounts_of(own)])
