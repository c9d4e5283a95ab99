"""Brings the messages of every room into Django's translations, straight from the .po files.

They are compiled in memory when a process first speaks a language: there is no file to build, to
install or to forget. It takes a quarter of a second, so wsgi.py does it before the first call.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation import trans_real

from quittance.core.languages import ENGLISH, LANGUAGES

ROOMS: Final = Path(__file__).resolve().parent.parent
PLACE: Final = "locale/{language}/LC_MESSAGES/django.po"  # in a room, as gettext's tools expect it


@cache
def load(language: str) -> None:
    """Make ``language`` ready for ``speaking``. A second call costs nothing."""
    if language == ENGLISH:
        return
    known = trans_real.translation(language)
    for path in sorted(ROOMS.glob(f"*/{PLACE.format(language=language)}")):
        known.merge(_compiled(path, language))


def load_all() -> None:
    """Make all of them ready, so that no visitor waits for one."""
    for language in LANGUAGES:
        load(language)


def _compiled(path: Path, language: str) -> GNUTranslations:
    """Read one catalog. Fuzzy messages are left out: the check fails on them."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
