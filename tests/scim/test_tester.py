"""The checks of scim2-tester, which others wrote, find nothing wrong with our endpoint."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import uuid4

import httpx
import pytest
from pydantic import Field
from scim2_client import BaseSyncSCIMClient
from scim2_models import Required, ResourceType, ScimProvider, Uniqueness
from scim2_tester import Status, check_server

from quittance.scim import shapes
from tests.scim.directory import Directory


class Fresh(list[str]):
    """Examples of which the tester chooses one: always another, for a name is taken once."""

    def __getitem__(self, _place: Any) -> Any:
        return f"{uuid4()}@contoso.test"


_MANY: Final = Fresh(["any"])


class Email(shapes.Email):
    """An address of the connection's own domain, where the tester would make one up."""

    value: str | None = Field(default=None, examples=_MANY)


class User(shapes.User):
    """A person, as the tester is to make one up."""

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = Field(
        default=None, examples=_MANY
    )
    emails: list[Email] | None = None  # type: ignore[assignment]


class OverHttp(BaseSyncSCIMClient):
    """A client of scim2-client that speaks real HTTP."""

    def __init__(self, http: httpx.Client, provider: ScimProvider) -> None:
        super().__init__(provider=provider)
        self.http = http

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Send one request."""
        return self.http.request(method, url, **options)


@pytest.mark.slow
def test_the_tester_of_others_finds_nothing(contoso: Directory) -> None:
    kinds = [User, shapes.Group]
    provider = ScimProvider(kinds, [ResourceType.from_resource(each) for each in kinds])

    results = check_server(OverHttp(contoso.http, provider))

    wrong = [f"{each.title}: {each.reason}" for each in results if each.status == Status.ERROR]
    skipped = [each.title for each in results if each.status == Status.SKIPPED]
    assert wrong == []
    assert set(skipped) == {"search_with_attributes"}  # across kinds of resources: 501
    assert len([each for each in results if each.status == Status.SUCCESS]) >= 50
