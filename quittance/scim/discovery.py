"""Says what a directory can ask here. Source: RFC 7643, sections 5 to 7; RFC 7644, section 4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponse
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Meta,
    NotFoundException,
    NotImplementedException,
    Patch,
    Resource,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
)

from quittance.scim.door import DirectoryRequest, for_directory, reply
from quittance.scim.listing import LIST, MOST, dumped
from quittance.scim.shapes import Group, User

_CONFIG: Final = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken, name="Bearer token",
            description="The token of the connection, in the header Authorization", primary=True,
        )
    ],
)  # fmt: skip
_KINDS: Final = (User, Group)
_TYPES: Final = [ResourceType.from_resource(each) for each in _KINDS]
_SCHEMAS: Final = [
    each.to_schema() for each in (*_KINDS, ServiceProviderConfig, ResourceType, Schema)
]


@for_directory("GET")
def config(request: DirectoryRequest) -> HttpResponse:
    """What is supported."""
    return reply(_placed(request, _CONFIG, "ServiceProviderConfig", ""))


@for_directory("GET")
def resource_types(request: DirectoryRequest) -> HttpResponse:
    """Both kinds of resources."""
    return _list(request, _TYPES, "ResourceType")


@for_directory("GET")
def resource_type(request: DirectoryRequest, name: str) -> HttpResponse:
    """One kind of resources."""
    return _one(request, _TYPES, "ResourceType", name)


@for_directory("GET")
def schemas(request: DirectoryRequest) -> HttpResponse:
    """The attributes of everything that is answered here."""
    return _list(request, _SCHEMAS, "Schema")


@for_directory("GET")
def schema(request: DirectoryRequest, name: str) -> HttpResponse:
    """The attributes of one kind."""
    return _one(request, _SCHEMAS, "Schema", name)


@for_directory("GET", "POST", "PUT", "PATCH", "DELETE")
def not_done(_request: DirectoryRequest) -> HttpResponse:
    """What the standard has and is not done here: questions across kinds, and bulk."""
    raise NotImplementedException


@for_directory("GET", "POST", "PUT", "PATCH", "DELETE")
def nothing(_request: DirectoryRequest, rest: str) -> HttpResponse:  # noqa: ARG001
    """Any other address."""
    raise NotFoundException


def _list(request: DirectoryRequest, found: Sequence[Resource[Any]], kind: str) -> HttpResponse:
    said = [_placed(request, each, kind, f"/{each.id}") for each in found]
    return reply(
        {"schemas": [LIST], "totalResults": len(said), "startIndex": 1,
         "itemsPerPage": len(said), "Resources": said}
    )  # fmt: skip


def _one(
    request: DirectoryRequest, found: Sequence[Resource[Any]], kind: str, name: str
) -> HttpResponse:
    one = next((each for each in found if each.id == name), None)
    if one is None:
        raise NotFoundException
    return reply(_placed(request, one, kind, f"/{one.id}"))


def _placed(
    request: DirectoryRequest, shape: Resource[Any], kind: str, rest: str
) -> dict[str, Any]:
    """Return a document with its address, which is another for each connection."""
    base = f"/scim/v2/{request.provider.pk}/{kind}"
    plural = "" if kind == "ServiceProviderConfig" else "s"
    placed = shape.model_copy(deep=True)
    placed.meta = Meta(
        resource_type=kind, location=request.build_absolute_uri(f"{base}{plural}{rest}")
    )
    return dumped(placed)
