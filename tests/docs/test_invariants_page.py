"""The page of invariants is what the catalogue says."""

from __future__ import annotations

from docs.invariants import PAGE, page
from quittance.reconciliation.catalogue import CATALOGUE, OURS


def test_the_page_is_as_the_catalogue_writes_it() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m docs.invariants"


def test_every_invariant_is_on_the_page_with_its_source_and_its_cure() -> None:
    text = PAGE.read_text("utf-8")

    for key, entry in CATALOGUE.items():
        assert f"invariants/{key}.sql" in text
        assert entry.cure in text or entry.cure == OURS
