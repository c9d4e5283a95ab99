"""Ids that sort by age, and numbers that survive being read aloud."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.core import ids
from quittance.core.ids import is_number, letters_of, new_id, new_id_texts, new_number

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PLACES = (2, 3, 4, 5, 7, 8, 9, 10, 12)  # of "P-7K3M-9QXR-C", without the hyphens


def test_an_id_is_a_uuid_of_version_seven() -> None:
    ids = [new_id() for _ in range(100)]

    assert {id_.version for id_ in ids} == {7}
    assert {id_.variant for id_ in ids} == {"specified in RFC 4122"}
    assert len(set(ids)) == 100


def test_an_id_made_later_sorts_later_within_one_millisecond_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = 1_795_000_000_000_000_000
    moments = iter(range(start, start + 2_000_000, 1_000))
    monkeypatch.setattr(ids, "time", SimpleNamespace(time_ns=lambda: next(moments)))

    made = [new_id() for _ in range(2_000)]

    assert made == sorted(made)
    assert len({each.int >> 80 for each in made}) == 2  # milliseconds


def test_a_number_fits_into_the_erps_document_number() -> None:
    number = new_number("P")

    assert len(number) == 13
    assert is_number(number)


@given(st.sampled_from(PLACES), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_of_a_number_is_found(place: int, character: str) -> None:
    number = new_number("P")
    wrong = number[:place] + character + number[place + 1 :]

    assert is_number(wrong) == (wrong == number)


def test_two_neighbours_that_changed_places_are_found() -> None:
    number = next(
        each
        for each in iter(lambda: new_number("P"), "")
        if (ALPHABET.index(each[2]) - ALPHABET.index(each[3])) % 16
    )
    swapped = number[:2] + number[3] + number[2] + number[4:]

    assert not is_number(swapped)


@given(st.text(max_size=20))
def test_any_other_text_is_no_number(text: str) -> None:
    assert not is_number(text) or len(text.split("-")) == 4


def test_what_people_mistype_is_no_number() -> None:
    number = new_number("P")

    assert not is_number(number.lower())
    assert not is_number(number.replace("-", ""))
    assert not is_number(number + "A")
    assert not is_number("P-IIII-OOOO-U")


def test_letters_of_an_id_are_always_the_same_capital_letters() -> None:
    id_ = new_id()

    letters = letters_of(id_, 10)

    assert letters == letters_of(id_, 10)
    assert len(letters) == 10
    assert letters.isascii()
    assert letters.isalpha()
    assert letters.isupper()


def test_letters_of_two_ids_of_one_moment_differ() -> None:
    assert len({letters_of(new_id(), 10) for _ in range(1000)}) == 1000


def test_many_ids_at_once_sort_as_they_come_and_are_of_version_7() -> None:
    before = new_id()
    made = [UUID(text) for text in new_id_texts(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == 10_000
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert before.int >> 80 <= made[0].int >> 80
    assert (made[-1].int >> 80) - (made[0].int >> 80) <= 3
