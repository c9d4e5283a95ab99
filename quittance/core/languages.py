"""The languages that people here are spoken to in."""

from __future__ import annotations

from typing import Final, NamedTuple


class Language(NamedTuple):
    """A language whose catalogs are complete; ``python -m checks`` sees to it."""

    code: str  # ISO 639-1, as in ``<html lang>``
    name: str  # as its own speakers call it
    locale: str  # how it writes days and amounts where nobody said of which country
    right_to_left: bool = False
    comma: str = ", "  # between two things that are said one after the other

    @property
    def direction(self) -> str:
        """The value of ``<html dir>``."""
        return "rtl" if self.right_to_left else "ltr"


ENGLISH: Final = "en"  # what the code is written in
LANGUAGES: Final[dict[str, Language]] = {
    each.code: each
    for each in (
        Language(ENGLISH, "English", "en_US"),
        Language("de", "Deutsch", "de_DE"),
        Language("fr", "Français", "fr_FR"),
        Language("es", "Español", "es_ES"),
        Language("ar", "العربية", "ar", right_to_left=True, comma="، "),
    )
}
