"""Makes questions to the database of SCIM filters. Source: RFC 7644, section 3.4.2.2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from scim2_models import InvalidFilterException, Resource, ScimFilter
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    ValuePath,
)

from quittance.sso.models import DirectoryMember

_LONGEST: Final = 1000  # characters
_DEEPEST: Final = 8  # filters within filters
_NOBODY: Final = Q(pk__in=())
Columns = Mapping[str, str]  # attribute, lower case, to the lookup that finds it, or "member"

PEOPLE: Final[Columns] = {
    "username": "user_name__iexact", "externalid": "external_id", "id": "pk", "active": "active",
    "emails": "email__iexact", "emails.value": "email__iexact",
}  # fmt: skip
GROUPS: Final[Columns] = {
    "displayname": "name__iexact", "externalid": "external_id", "id": "pk",
    "members": "member", "members.value": "member",
}  # fmt: skip


def as_question(text: str, model: type[Resource[Any]], columns: Columns) -> Q:
    """Return what a filter asks. Raises ``InvalidFilterException``.

    ``eq`` alone is, of the attributes that ``columns`` names: directories look for one of theirs.
    """
    if len(text) > _LONGEST or text.count("(") + text.count("[") > _DEEPEST or "\0" in text:
        raise InvalidFilterException(detail="This filter is too long or too deep.")
    try:
        text.encode()
        node = ScimFilter[model](text).ast  # type: ignore[valid-type]
    except (UnicodeError, RecursionError) as error:
        raise InvalidFilterException(detail="This filter cannot be read.") from error
    return _Question(columns).visit(node)


class _Question(FilterVisitor[Q]):
    def __init__(self, columns: Columns, within: str = "") -> None:
        self._columns, self._within = columns, within

    def visit_comparison(self, node: Comparison) -> Q:
        name = _name(node.attr_path)
        if self._within and name == "type":
            return Q()  # whichever kind of address it is: people here have one
        column = self._columns.get(f"{self._within}.{name}" if self._within else name)
        if node.op.value != "eq" or column is None:
            raise InvalidFilterException(
                detail=f"Here {', '.join(sorted(self._columns))} are compared, by eq."
            )
        return _equal(column, node.value)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        join = and_ if node.op == LogicalOperator.and_ else or_
        return reduce(join, (self.visit(each) for each in node.terms))

    def visit_value_path(self, node: ValuePath) -> Q:
        within = _name(node.attr_path)
        return _Question(self._columns, within).visit(node.val_filter)

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_present(self, node: FilterNode) -> Q:
        raise InvalidFilterException(detail=f"{node} is not asked here.")


def _name(path: AttrPath) -> str:
    return f"{path.attr}.{path.sub_attr}".lower() if path.sub_attr else path.attr.lower()


def _groups_with(person_id: UUID) -> QuerySet[DirectoryMember, UUID]:
    """Not by a join: two members of one group are two rows, which would count it twice."""
    return DirectoryMember.objects.filter(person_id=person_id).values_list("group_id", flat=True)


def _equal(column: str, value: object) -> Q:
    if column == "active":
        return Q(active=value) if isinstance(value, bool) else _NOBODY
    if not isinstance(value, str):
        return _NOBODY
    if column in {"pk", "member"}:
        try:
            row = UUID(value)
        except ValueError:
            return _NOBODY
        return Q(pk=row) if column == "pk" else Q(pk__in=_groups_with(row))
    return Q(**{column: value})
