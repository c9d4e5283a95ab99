"""How many SQL statements a page of the portal sends; and the very statement of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.books import Buyer
from benchmarks.figures import Figure
from benchmarks.house import HOST

GOAL = 8
_SCOPE = ("SET TRANSACTION", "SELECT set_config")


@dataclass(slots=True)
class Asked:
    """The statements of one page, without BEGIN and COMMIT, which the driver sends."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def scope(self) -> int:
        """How many of them only tell the database for whom we work."""
        return sum(sql.lstrip().startswith(_SCOPE) for sql, _ in self.statements)


def client_of(buyer: Buyer) -> Any:
    """A browser in this process in which the buyer is signed in."""
    from django.conf import settings
    from django.test import Client

    client = Client(headers={"host": HOST})
    client.cookies[settings.SESSION_COOKIE_NAME] = buyer.session
    return client


def measure(client: Any, addresses: Mapping[str, str]) -> Iterator[Figure]:
    """Open every page, its name and address given, and count."""
    for name, address in addresses.items():
        asked, answer = _open(client, address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        yield Figure(
            figure=f"queries_{name}",
            value=len(asked.statements),
            limit=GOAL,
            limit_is="the goal itself",
            goal=1.0,
            unit="SQL statements a page, BEGIN and COMMIT not counted",
            facts={"of_these_for_the_scope": asked.scope, "html_bytes": len(answer.content)},
        )


def list_pages(buyer: Buyer) -> dict[str, str]:
    """The list in several views, and the list of payments."""
    from quittance.receivables.models import Invoice
    from quittance.tenancy.rows import reading
    from quittance.tenancy.scope import working_for

    with working_for(buyer.organization_id, actor="bench"), reading():
        mine = Invoice.objects.filter(customer_account_id=buyer.account_id, erp_status="open")
        number = mine.order_by("due_date").values_list("number", flat=True)[0]
    return {
        "list": "/invoices",
        "list_search": f"/invoices?q={number[:10]}",
        "list_all": "/invoices?tab=all",
        "payments": "/payments",
    }


def list_query(client: Any) -> str:
    """The statement that reads the list's rows, with its values, as ours sends it."""
    from django.db import connection

    asked, _ = _open(client, "/invoices")
    found = [
        (sql, values)
        for sql, values in asked.statements
        if 'FROM "receivables_invoice"' in sql and "LIMIT" in sql
    ]
    if len(found) != 1:
        raise RuntimeError(f"The list's rows come by {len(found)} statements, not by one.")
    with connection.cursor() as cursor:
        return str(cursor.cursor.mogrify(*found[0]))


def _open(client: Any, address: str) -> tuple[Asked, Any]:
    """Open a page twice, the first time to warm what is remembered; count the second."""
    from django.db import connection

    client.get(address)
    asked = Asked()
    with connection.execute_wrapper(_listener(asked)):
        answer = client.get(address)
    return asked, answer


def _listener(asked: Asked) -> Callable[..., Any]:
    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.statements.append((sql, params))
        return execute(sql, params, many, context)

    return listen
