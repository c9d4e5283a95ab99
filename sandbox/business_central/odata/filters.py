"""Turns ``$filter`` into SQL, with what the real server refuses and what it silently ignores."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.business_central import values
from sandbox.business_central.errors import ApiError, bad_request
from sandbox.business_central.facts import Entity, Field
from sandbox.business_central.shapes import source

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
    r"|(?P<moment>\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2}))"
    r"|(?P<date>\d{4}-\d{2}-\d{2})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_$@][A-Za-z0-9_./:]*)"
    r"|(?P<mark>[(),]))"
)
_OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_MATCHES = {"startswith", "endswith", "contains"}
_LITERALS = {"text", "guid", "moment", "date", "number"}
_EVERYTHING = "1 = 1"


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over the row ``t``, its parameters, and the properties that it speaks of.

    ``equal`` has what must be equal whatever else holds: some tables are computed for it.
    """

    sql: str
    parameters: tuple[Any, ...]
    names: frozenset[str]
    equal: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Operand:
    field: Field
    sql: str


def parse(entity: Entity, text: str) -> Condition:
    """Read a filter expression. Raises ``ApiError`` for what the server does not take."""
    reader = _Reader(entity, _tokens(text))
    condition = reader.either()
    if reader.peek() is not None:
        raise _syntax(text)
    return condition


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _syntax(text)
        found.append(_Token(match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found


def _syntax(text: str) -> ApiError:
    return bad_request(f"Syntax error in the $filter expression '{text}'.")


class _Reader:
    """A recursive descent over the tokens: or, and, one comparison."""

    def __init__(self, entity: Entity, tokens: list[_Token]) -> None:
        self.entity = entity
        self.tokens = tokens
        self.at = 0

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, text: str = "") -> _Token:
        token = self.peek()
        if token is None or (text and token.text != text):
            raise _syntax(" ".join(each.text for each in self.tokens))
        self.at += 1
        return token

    def _next_is(self, text: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in {"word", "mark"} and token.text == text

    def either(self) -> Condition:
        parts = [self.both()]
        while self._next_is("or"):
            self.take()
            parts.append(self.both())
        if len(parts) > 1 and len(frozenset().union(*(part.names for part in parts))) > 1:
            # Facts, section 3.2; the status is not known for sure.
            raise ApiError(
                501,
                "BadRequest_MethodNotImplemented",
                "The 'OR' operator is not supported on distinct fields on an OData filter.",
            )
        return _joined(parts, " OR ")

    def both(self) -> Condition:
        parts = [self.one()]
        while self._next_is("and"):
            self.take()
            parts.append(self.one())
        return _joined(parts, " AND ")

    def one(self) -> Condition:
        if self._next_is("("):
            self.take()
            inner = self.either()
            self.take(")")
            return Condition(f"({inner.sql})", inner.parameters, inner.names, inner.equal)
        token = self.peek()
        if token is not None and token.kind == "word" and self._is_lambda(token):
            return self._skip_lambda()
        if token is not None and token.text in _MATCHES:
            return self._match()
        return self._comparison()

    def _is_lambda(self, token: _Token) -> bool:
        return token.text.rsplit("/", 1)[-1] in {"any", "all"} and "/" in token.text

    def _skip_lambda(self) -> Condition:
        """Lambda expressions are silently ignored (facts, section 3.2)."""
        self.take()
        self._skip_parentheses()
        return Condition(_EVERYTHING, (), frozenset())

    def _skip_parentheses(self) -> None:
        self.take("(")
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.take().text, 0)

    def _match(self) -> Condition:
        name = self.take().text
        self.take("(")
        operand = self._operand()
        self.take(",")
        wanted = self._literal(operand.field)
        self.take(")")
        for word in ("eq", "true"):
            if self._next_is(word):
                self.take()
        length = len(wanted)
        sql = {
            "startswith": f"substr({operand.sql}, 1, {length}) = ?",
            "endswith": f"substr({operand.sql}, -{max(length, 1)}) = ?",
            "contains": f"instr({operand.sql}, ?) > 0",
        }[name]
        return Condition(sql, (wanted,), frozenset({operand.field.name}))

    def _comparison(self) -> Condition:
        operand = self._operand()
        names = frozenset({operand.field.name})
        operator = self.take().text
        if operator == "in":
            # Silently ignored: the whole table comes back (facts, section 3.2).
            self._skip_parentheses()
            return Condition(_EVERYTHING, (), frozenset())
        if operator not in _OPERATORS:
            raise _syntax(" ".join(each.text for each in self.tokens))
        wanted = self._literal(operand.field)
        if operator in {"eq", "ne"} and isinstance(wanted, str) and _has_wildcard(operand, wanted):
            negation = "NOT " if operator == "ne" else ""
            glob = wanted.replace("[", "[[]")
            return Condition(f"{operand.sql} {negation}GLOB ?", (glob,), names)
        equal = ((operand.field.name, wanted),) if operator == "eq" else ()
        return Condition(f"{operand.sql} {_OPERATORS[operator]} ?", (wanted,), names, equal)

    def _operand(self) -> _Operand:
        token = self.take()
        if token.text in {"tolower", "toupper"}:
            self.take("(")
            inner = self._operand()
            self.take(")")
            return _Operand(inner.field, f"{token.text[2:]}({inner.sql})")
        if token.kind != "word":
            raise _syntax(" ".join(each.text for each in self.tokens))
        field = usable_field(self.entity, token.text, "$filter")
        return _Operand(field, source(self.entity, field.name))

    def _literal(self, field: Field) -> Any:
        token = self.take()
        if token.kind == "word" and token.text == "null":
            return field.empty
        return _literal(field, token)


def _has_wildcard(operand: _Operand, wanted: str) -> bool:
    plain = operand.field.type == "String" and not operand.field.wire
    return plain and ("*" in wanted or "?" in wanted)


def _joined(parts: list[Condition], word: str) -> Condition:
    if len(parts) == 1:
        return parts[0]
    return Condition(
        "(" + word.join(part.sql for part in parts) + ")",
        tuple(value for part in parts for value in part.parameters),
        frozenset().union(*(part.names for part in parts)),
        tuple(pair for part in parts for pair in part.equal) if word == " AND " else (),
    )


def usable_field(entity: Entity, name: str, option: str) -> Field:
    """Return a property that may stand in ``$filter`` or ``$orderby``.

    Page variables may not: they are computed after the read (facts, section 3.2; the error's text
    is not known).
    """
    field = entity.fields.get(name)
    if field is None:
        raise bad_request(
            f"Could not find a property named '{name}' on type 'Microsoft.NAV.{entity.name}'."
        )
    if field.page_variable or field.type == "Stream":
        raise bad_request(
            f"The property '{name}' cannot be used in the {option} query option.",
            "Application_FilterErrorException",
        )
    return field


def _text(field: Field, raw: str) -> str:
    value = raw[1:-1].replace("''", "'")
    if field.wire:
        return values.option(field, value)
    return value.upper() if field.code else value


_KINDS: dict[str, tuple[str, Callable[[Field, str], Any]]] = {
    "String": ("text", _text),
    "Guid": ("guid", lambda _field, raw: raw.lower()),
    "Date": ("date", lambda _field, raw: raw),
    "DateTimeOffset": ("moment", values.moment),
    "Decimal": ("number", lambda field, raw: values.kept(field, Decimal(raw))),
    "Int32": ("number", lambda field, raw: values.kept(field, int(raw))),
    "Int64": ("number", lambda field, raw: values.kept(field, int(raw))),
    "Boolean": ("word", lambda _field, raw: int(raw == "true")),
}


def _literal(field: Field, token: _Token) -> Any:
    kind, read = _KINDS[field.type]
    right = token.kind == kind and not (kind == "word" and token.text not in {"true", "false"})
    if not right or (field.type.startswith("Int") and "." in token.text):
        raise bad_request(
            "A binary operator with incompatible types was detected. Found operand types"
            f" 'Edm.{field.type}' and '{token.text}' for operator kind 'Equal'."
        )
    return read(field, token.text)
