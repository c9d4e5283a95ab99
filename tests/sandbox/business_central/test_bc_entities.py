"""Every entity set of the facts, by the facts: fields, keys, options, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.business_central.facts import Entity, entities, way
from sandbox.business_central.shapes import SHAPES
from tests.sandbox.business_central.bc_company import Books, error_of

SETS = [name for name in entities() if name not in {"companies", "subscriptions"}]
INVOICE = "salesInvoices?$filter=number eq 'INV-204391'"
# How to come to sets that are reached below a parent only: who, and by what name.
BELOW = {
    "contactsInformation": ("customers?$filter=number eq 'C-10482'", "contactsInformation"),
    "salesInvoiceLines": (INVOICE, "salesInvoiceLines"),
    "salesCreditMemoLines": (
        "salesCreditMemos?$filter=number eq 'CM-1171'", "salesCreditMemoLines"
    ),
    "salesOrderLines": ("salesOrders?$filter=number eq 'SO-102211'", "salesOrderLines"),
    "pdfDocument": (INVOICE, "pdfDocument"),
    "pictures": ("customers?$filter=number eq 'C-10482'", "picture"),
    "attachments": (INVOICE, "attachments"),
    "dimensionSetLines": (INVOICE, "dimensionSetLines"),
    "defaultDimensions": ("customers?$filter=number eq 'C-10482'", "defaultDimensions"),
}  # fmt: skip
JOURNALS = {"customerPayments": "customerPaymentJournals", "journalLines": "journals"}
KINDS: dict[str, type | tuple[type, ...]] = {
    "Guid": str,
    "String": str,
    "Date": str,
    "DateTimeOffset": str,
    "Decimal": (int, Decimal),
    "Int32": int,
    "Int64": int,
    "Boolean": bool,
}


@pytest.fixture(scope="module")
def places(bc_client: Books) -> dict[str, str]:
    """The address of each set where it has something to show."""
    found = {name: name for name in SETS}
    for name, (parent, below) in BELOW.items():
        record = bc_client.only(parent)
        found[name] = f"{parent.partition('?')[0]}({record['id']})/{below}"
    for name, journals in JOURNALS.items():
        batch = bc_client.post(journals, {"code": f"ALL{journals[0].upper()}"})
        found[name] = f"{journals}({batch['id']})/{name}"
        bc_client.post(found[name], {"documentNumber": "A-1", "amount": Decimal("-1.50")})
    return found


def rows(books: Books, place: str, query: str = "") -> list[dict[str, Any]]:
    answer = books.ask("GET", f"{place}{'?' if query else ''}{query}")
    assert answer.status_code == 200, f"{place} {query}: {answer.text}"
    found = json.loads(answer.text, parse_float=Decimal)
    value: list[dict[str, Any]] = found.get("value", [found])
    return value


def literal(entity: Entity, name: str, value: Any) -> str:
    kind = entity.fields[name].type
    if kind == "String":
        return quote("'" + value.replace("'", "''") + "'")
    return str(value).lower() if kind == "Boolean" else str(value)


@pytest.mark.parametrize("name", SETS)
def test_every_field_is_there_in_its_type_and_never_null(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity = entities()[name]

    found = rows(books, places[name])

    assert found, "The demo company shows nothing of it."
    for record in found[:50]:
        assert record["@odata.etag"].startswith('W/"')
        for field in entity.fields.values():
            if field.type == "Stream":
                assert record[f"{field.name}@odata.mediaReadLink"].startswith(books.root)
                continue
            value = record[field.name]
            assert isinstance(value, KINDS[field.type]), (field.name, value)
            assert isinstance(value, bool) == (field.type == "Boolean"), (field.name, value)
            if field.wire:
                assert value in field.wire, (field.name, value)


@pytest.mark.parametrize("name", SETS)
def test_a_record_is_found_by_its_key_and_each_field_can_be_selected(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity, place = entities()[name], places[name]
    first = rows(books, place)[0]
    single = place.endswith(("/pdfDocument", "/picture"))
    by_key = place if single else f"{place}({first[entity.key]})"

    whole = rows(books, by_key)[0]

    assert {key: whole[key] for key in first} == first
    for field in entity.fields.values():
        if field.type != "Stream":
            (part,) = rows(books, by_key, f"$select={field.name}")
            assert part == {
                **{key: part[key] for key in ("@odata.context", "@odata.etag")},
                field.name: whole[field.name],
            }


@pytest.mark.parametrize("name", SETS)
def test_pages_of_two_show_the_same_and_top_has_no_next_link(
    books: Books, places: dict[str, str], name: str
) -> None:
    place = places[name]
    if place.endswith(("/pdfDocument", "/picture")):
        assert books.ask("GET", place).json().get("value") is None
        return
    every = rows(books, place)[:5]
    address, paged = f"{books.company}/{place}", list[Any]()
    while address and len(paged) < len(every):
        answer = books.http.get(address, headers={"Prefer": "odata.maxpagesize=2"}).json()
        assert len(answer["value"]) <= 2
        paged += answer["value"]
        address = answer.get("@odata.nextLink", "")

    assert [each["@odata.etag"] for each in paged[:5]] == [each["@odata.etag"] for each in every]
    cut = books.ask("GET", f"{place}?$top=1&$skip=1").json()
    assert "@odata.nextLink" not in cut
    assert [each["@odata.etag"] for each in cut["value"]] == [
        each["@odata.etag"] for each in every[1:2]
    ]


@pytest.mark.parametrize("name", SETS)
def test_table_fields_are_filtered_and_page_variables_refused(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity, place = entities()[name], places[name]
    if place.endswith(("/pdfDocument", "/picture")):
        return
    first = rows(books, place)[0]
    tried = set()
    for field in entity.fields.values():
        if field.page_variable or field.type == "Stream":
            wanted = {"Guid": first["@odata.etag"][:0] or "00000000-0000-0000-0000-000000000000"}
            value = wanted.get(
                field.type, {"Boolean": "true", "Decimal": "0"}.get(field.type, "''")
            )
            answer = books.ask("GET", f"{place}?$filter={field.name} eq {value}")
            assert error_of(answer)[0] == 400, field.name
            assert books.ask("GET", f"{place}?$orderby={field.name}").status_code in {400, 501}
        elif field.type not in tried and first[field.name] != "":
            tried.add(field.type)
            value = literal(entity, field.name, first[field.name])
            found = rows(books, place, f"$filter={field.name} eq {value}")
            assert first[entity.key] in [each[entity.key] for each in found], field.name


@pytest.mark.parametrize("name", SETS)
def test_in_is_ignored_and_or_takes_one_property_in_every_set(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity, place = entities()[name], places[name]
    if place.endswith(("/pdfDocument", "/picture")):
        return
    plain = [f.name for f in entity.fields.values() if f.type in {"String", "Guid"}
             and not f.page_variable and not f.wire]  # fmt: skip
    every = [each["@odata.etag"] for each in rows(books, place)]

    ignored = rows(books, place, f"$filter={plain[0]} in ('nothing','of this')")

    assert [each["@odata.etag"] for each in ignored] == every
    if len(plain) > 1:
        either = f"$filter={plain[0]} eq null or {plain[1]} eq null"
        assert books.ask("GET", f"{place}?{either}").status_code == 501


@pytest.mark.parametrize("name", SETS)
def test_every_way_leads_where_the_facts_say(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity, place = entities()[name], places[name]
    for each in entity.navigation.values():
        answer = books.ask("GET", f"{place}?$expand={each.name}")
        if way(entity, each.name) is None:
            assert answer.status_code == 501, each.name
            continue
        found = json.loads(answer.text)
        for record in found.get("value", [found])[:20]:
            inner = record[each.name]
            assert isinstance(inner, list if each.many else dict | None), each.name
    plural = books.ask("GET", f"{place}?$expand=nothingOfThisName")
    assert error_of(plural) == (400, "BadRequest")


@pytest.mark.parametrize("name", SETS)
def test_what_the_page_does_not_allow_is_405(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity, place = entities()[name], places[name]
    key = rows(books, place)[0][entity.key]
    one = place if place.endswith(("/pdfDocument", "/picture")) else f"{place}({key})"
    for method, path in (("POST", place), ("PATCH", one), ("DELETE", one), ("PUT", one)):
        if method not in entity.methods:
            answer = books.ask(method, path, json={}, headers={"If-Match": "*"})
            assert error_of(answer) == (405, "BadRequest_MethodNotAllowed"), (method, path)


@pytest.mark.parametrize("name", [each for each in SETS if "PATCH" in entities()[each].methods])
def test_a_read_only_or_unknown_property_refuses_the_whole_change(
    books: Books, places: dict[str, str], name: str
) -> None:
    entity, place = entities()[name], places[name]
    before = rows(books, place)[0]
    one = place if place.endswith("/picture") else f"{place}({before[entity.key]})"
    empty = {"Guid": "00000000-0000-0000-0000-000000000000", "Decimal": 0, "Int32": 0}
    fixed = [f for f in entity.fields.values() if f.read_only and f.type != "Stream"]
    bodies: list[tuple[dict[str, object], str]] = [({"nothing": 1}, "BadRequest")]
    bodies += [({f.name: empty.get(f.type, "")}, "BadRequest_InvalidOperation") for f in fixed]
    for body, code in bodies:
        answer = books.ask("PATCH", one, json=body, headers={"If-Match": "*"})
        assert error_of(answer) == (400, code), body
    assert rows(books, place)[0] == before


@pytest.mark.parametrize(
    "name", [n for n in SETS if SHAPES[n].parents and not SHAPES[n].orphans and n != "pdfDocument"]
)
def test_sets_below_a_parent_are_refused_flat(books: Books, name: str) -> None:
    assert error_of(books.ask("GET", name)) == (400, "Application_DialogException")
