"""What an adapter must be told before it can sign in: one frozen dataclass, read from text.

The back office builds its form from ``fields_of``; ``connections`` makes the value with ``read``.
An adapter declares its credentials like this::

    @dataclass(frozen=True, kw_only=True)
    class Credentials:
        address: str = credential("Address", "Where the API answers.", address=True)
        api_key: str = credential("API key", "From the gateway's settings page.", secret=True)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from quittance.core.errors import Misconfigured

T = TypeVar("T")
_KEY: Final = "quittance.credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One line of the form: what it is called, what to type, who may see it."""

    name: str
    label: str
    help: str
    secret: bool  # never shown again after it was saved, never in a ``repr``
    optional: bool
    default: str  # used when the line is left empty; empty for none
    offered: bool = False  # once the other fields are right, the other side can name its values
    rarely: bool = False  # right as it is nearly always: asked for only on purpose
    address: bool = False  # where a server is asked: it may not lead into our own network
    lasting: bool = False  # what is booked proves itself by it, so it stays once something was
    books: bool = False  # another value leads to other books


def credential(
    label: str,
    help: str,  # noqa: A002 - the word that forms use
    *,
    secret: bool = False,
    optional: bool = False,
    default: str = "",
    offered: bool = False,
    rarely: bool = False,
    address: bool = False,
    lasting: bool = False,
    books: bool = False,
) -> Any:
    """Declare one text field of a credentials dataclass (which must be ``kw_only``).

    A field with a ``default`` or ``optional=True`` may be left out. A secret field is kept out of
    the dataclass's ``repr``.
    """
    told = Field(
        name="",
        label=label,
        help=help,
        secret=secret,
        optional=optional or default != "",
        default=default,
        offered=offered,
        rarely=rarely,
        address=address,
        lasting=lasting,
        books=books,
    )
    kept = {_KEY: told}
    if told.optional:
        return dataclasses.field(default=default, repr=not secret, metadata=kept)
    return dataclasses.field(repr=not secret, metadata=kept)


def fields_of(cls: type) -> Sequence[Field]:
    """Return the fields of a credentials dataclass in the order in which they are declared."""
    return [
        dataclasses.replace(field.metadata[_KEY], name=field.name)
        for field in dataclasses.fields(cls)
        if _KEY in field.metadata
    ]


def read(cls: type[T], settings: Mapping[str, str]) -> T:
    """Make the credentials from ``settings``; white space around a value is dropped.

    Raises ``Misconfigured`` naming the field (fact ``field``, never its value) when one is missing
    or not known. A ``__post_init__`` of the class may raise it for a value that cannot be right.
    """
    fields = fields_of(cls)
    names = {field.name for field in fields}
    for name in settings:
        if name not in names:
            raise Misconfigured(
                f"There is no setting called “{name}”. Known are: {', '.join(sorted(names))}.",
                field=name,
            )
    values: dict[str, str] = {}
    for field in fields:
        value = settings.get(field.name, "").strip() or field.default
        if not value and not field.optional:
            raise Misconfigured(
                f"The setting “{field.name}” ({field.label}) is missing.", field=field.name
            )
        values[field.name] = value
    return cls(**values)
