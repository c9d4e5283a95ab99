"""Answers which people or groups a directory asks for: filtered, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from scim2_models import Context, InvalidValueException, Resource, ResponseParameters

from quittance.scim.door import reply
from quittance.scim.filters import Columns, as_question
from quittance.tenancy.rows import reading

MOST: Final = 200  # in one answer
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
Parameters = ResponseParameters[Any]  # which attributes are asked for
RowT = TypeVar("RowT", bound=Model)


def listed(
    request: HttpRequest, model: type[Resource[Any]], columns: Columns,
    rows: Callable[[], QuerySet[RowT]], shape: Callable[[RowT], Resource[Any]],
) -> HttpResponse:  # fmt: skip
    """Answer a page of ``rows``. Raises ``SCIMException`` for what cannot be asked."""
    wanted, count = request.GET.get("filter", ""), _whole(request, "count", MOST)
    start, most = max(1, _whole(request, "startIndex", 1)), min(max(0, count), MOST)
    parameters = only(request, model)
    question = as_question(wanted, model, columns) if wanted else None
    with reading():
        found = rows().filter(question) if question is not None else rows()
        total = found.count()
        page = [shape(each) for each in found[start - 1 : start - 1 + most]]
    said = [dumped(each, parameters) for each in page]
    return reply(
        {"schemas": [LIST], "totalResults": total, "startIndex": start,
         "itemsPerPage": len(said), "Resources": said}
    )  # fmt: skip


def only(request: HttpRequest, model: type[Resource[Any]]) -> Parameters:
    """Return which attributes are asked for. Raises ``ValidationError``: ask before you act."""
    names = {"attributes", "excludedAttributes"}
    said = {name: request.GET[name] for name in names if request.GET.get(name)}
    return ResponseParameters[model].model_validate(said)  # type: ignore[valid-type]


def dumped(shape: Resource[Any], parameters: Parameters | None = None) -> dict[str, Any]:
    """Return a resource as it is answered."""
    return shape.model_dump(
        scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters
    )


def _whole(request: HttpRequest, name: str, otherwise: int) -> int:
    said = request.GET.get(name, "")
    if not said:
        return otherwise
    try:
        number = int(said)
    except ValueError:
        raise InvalidValueException(detail=f"{name} is no whole number.") from None
    return max(-1, min(number, 10**9))
