"""Which language a reader gets, and speaking it for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.trans_real import parse_accept_lang_header

from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.ui.catalogs import load

LANGUAGE_COOKIE: Final = "language"
_LONGEST_HEADER: Final = 200


class Reader(NamedTuple):
    """How one reader is spoken to."""

    language: str  # a key of ``LANGUAGES``
    locale: str  # how days and amounts are written: "de_CH"


_spoken: ContextVar[str] = ContextVar("quittance_language", default=ENGLISH)
OFFICE: Final = Reader(ENGLISH, LANGUAGES[ENGLISH].locale)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have every sentence that is made in this block be in ``language``, in this thread."""
    load(language)
    token = _spoken.set(language)
    try:
        with translation.override(language):
            yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """Return the language that is spoken here; a page asks a hundred times, Django's is slow."""
    return _spoken.get()


def word(text: str) -> str:
    """Return what ``gettext`` does within ``speaking``: a text is looked up once in a language."""
    return _word(text, spoken())


@lru_cache(maxsize=4096)
def _word(text: str, _language: str) -> str:
    return gettext(text)


def reader_of(
    *, wishes: Sequence[str], accepted: str, offered: Sequence[str], default: str
) -> Reader:
    """Return how to speak to a reader: the first wish that is ``offered`` wins.

    ``wishes`` are languages that were chosen here, the strongest first, "" where none was.
    ``accepted`` is the header Accept-Language (RFC 9110): it decides where nothing was chosen, and
    says of which country the reader's habits are.
    """
    accepted = accepted[:_LONGEST_HEADER]
    language = next(
        (
            each
            for each in (*wishes, *_languages(accepted))
            if each in offered and each in LANGUAGES
        ),
        default,
    )
    return Reader(language, habits(accepted, language))


@lru_cache(maxsize=512)
def habits(accepted: str, language: str) -> str:
    """Return how this reader writes amounts and days: "en_GB" for a browser that prefers it."""
    for wish in accepted.split(","):
        code = wish.partition(";")[0].strip()
        if code[:3].lower() == f"{language}-":
            try:
                return str(Locale.parse(code, sep="-"))
            except (UnknownLocaleError, ValueError):
                continue
    return LANGUAGES[language].locale


@lru_cache(maxsize=512)
def _languages(accepted: str) -> Sequence[str]:
    return [code.partition("-")[0] for code, _weight in parse_accept_lang_header(accepted)]
