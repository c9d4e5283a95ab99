"""Calls to Stripe: questions, lists page by page, and deeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import httpx
import msgspec

from quittance.core.errors import OutcomeUnknown, OutsideError, Unavailable
from quittance.gateways.stripe.credentials import Credentials

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe._stripe_object import StripeObject

PAGE: Final = 100  # Stripe's most
_PAGES: Final = 1000  # of a hundred objects; nobody's list is longer


class HasId(Protocol):
    """Whatever a list holds."""

    @property
    def id(self) -> str: ...


class _Page(msgspec.Struct, frozen=True):
    """One page of a list; what it holds is read when its shape is known."""

    data: list[Any]
    has_more: bool


T = TypeVar("T")
ItemT = TypeVar("ItemT", bound=HasId)
Call = Callable[["StripeClient"], "StripeObject"]
ListCall = Callable[["StripeClient", dict[str, Any]], "StripeObject"]


class Calls:
    """One account's calls. They raise ``OutsideError`` and nothing else."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client

    @cached_property
    def _api(self) -> StripeClient:
        from quittance.gateways.stripe.transport import new_api

        return new_api(self._credentials, self._client)

    def ask(self, shape: type[T], call: Call) -> T:
        """Ask a question."""
        return self._called(shape, call, Unavailable)

    def do(self, shape: type[T], call: Call) -> T:
        """Ask for a deed. An answer that cannot be read says nothing of what was done."""
        return self._called(shape, call, OutcomeUnknown)

    def page(self, shape: type[ItemT], call: ListCall, **params: Any) -> tuple[list[ItemT], bool]:
        """Return one page of a list, in its order, and whether there is more of it.

        Raises ``Unavailable`` for a page that cannot be one: a list with gaps must not look whole.
        """
        said = self._called(_Page, lambda api: call(api, {"limit": PAGE, **params}), Unavailable)
        try:
            items = msgspec.convert(said.data, list[shape])  # type: ignore[valid-type]
        except msgspec.ValidationError as error:
            raise Unavailable("Its list can not be read.", problem=str(error)) from error
        if said.has_more and not items:
            raise Unavailable("It says that there is more, but not what.")
        return items, said.has_more

    def all(self, shape: type[ItemT], call: ListCall, **params: Any) -> Sequence[ItemT]:
        """Return a whole list, the newest first as Stripe has it, each object once."""
        found: dict[str, ItemT] = {}
        for _ in range(_PAGES):
            items, more = self.page(shape, call, **params)
            new = {item.id: item for item in items}
            if len(new) < len(items) or new.keys() & found.keys():
                raise Unavailable("Its list has an object twice.")
            found |= new
            if not more:
                return list(found.values())
            params["starting_after"] = items[-1].id
        raise Unavailable("Its list does not come to an end.")

    def _called(self, shape: type[T], call: Call, lost: type[OutsideError]) -> T:
        import stripe

        try:
            said = call(self._api)
        except stripe.StripeError as error:  # all that is no failure of HTTP, but makes no sense
            raise lost("Its answer can not be read.", problem=type(error).__name__) from error
        try:
            return msgspec.convert(said.to_dict(), shape)
        except msgspec.ValidationError as error:
            raise lost("Its answer makes no sense.", problem=str(error)) from error
