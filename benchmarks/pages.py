"""The portal's pages on full tables: what they cost, how many questions they ask, their weight."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import books, invoice_list, memory, questions, weight, zips
from benchmarks.figures import Figure
from benchmarks.house import House
from benchmarks.sizes import Sizes


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """Fill the tables once, then measure everything that wants them full."""
    buyer = books.fill(house, sizes)
    client = questions.client_of(buyer)
    yield from questions.measure(client, questions.list_pages(buyer))
    query = house.folder / "list.sql"
    query.write_text(questions.list_query(client))
    yield from invoice_list.measure(house, buyer, query, sizes)
    yield from weight.measure(house, buyer)
    yield from memory.measure(house, buyer, sizes)
    yield from zips.measure(buyer, sizes)
