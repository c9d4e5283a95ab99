"""The portal's pages on full tables: what they cost, how many questions they ask, their weight."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import books, invoice_list, memory, questions, weight
from benchmarks.figures import Figure
from benchmarks.house import House
from benchmarks.sizes import Sizes


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """Fill the tables once, then measure everything that wants them full."""
    buyer = books.fill(house, sizes)
    yield from questions.measure(buyer)
    query = house.folder / "list.sql"
    query.write_text(questions.list_query(buyer))
    yield from invoice_list.measure(house, buyer, query, sizes)
    yield from weight.measure(house, buyer)
    yield from memory.measure(house, buyer, sizes)
