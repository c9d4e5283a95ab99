"""The catalogs say every sentence in every language, and nothing else.

``python -m checks.catalogs`` brings them up to date: new sentences come in empty, to be translated,
and what nobody says any more goes. ``python -m checks.catalogs main`` also takes over what that
commit has translated and these files have not: for a merge in which two branches met in a catalog.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from checks.messages import Msgid, first, messages

LANGUAGES: Final = ("de", "fr", "es", "ar")  # as quittance/core/languages.py; a test compares
Said = str | tuple[str, ...] | list[str] | None  # as Babel has it
_PLACEHOLDER: Final = re.compile(r"%%|%\((\w+)\)[sd]|%[sd]|\{\w*\}")
# How many there are; a form that says it in a word ("one", "two") needs no figure.
_COUNTS: Final = frozenset({"%(num)s", "%(n)s", "%(days)s", "%(count)s"})
# Where Babel counts the forms in another order than CLDR and every tool for translators.
_PLURALS: Final = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3"
    " : n%100>=11 ? 4 : 5);"
}
_HEADER: Final = """\
# {language}: what {room} says.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def complaints(root: Path) -> Iterator[str]:
    """One line for each message that is missing, unfinished, wrong or not needed."""
    for room, wanted in messages(root).items():
        for language in LANGUAGES:
            path = place(root, room, language)
            known = _read(path, language)
            name = str(path.relative_to(root))
            for line in complaints_about(known, wanted):
                yield f"{name}: {line}"


def complaints_about(known: Catalog, wanted: Iterable[Msgid]) -> Iterator[str]:
    """The same for one catalog and the sentences that it must have."""
    by_id = {first(msgid): msgid for msgid in wanted}
    there = {first(message.id) for message in known}
    for msgid in sorted(by_id):
        if msgid not in there:
            yield f"not in the catalog; run python -m checks.catalogs: {msgid!r}"
    for message in known:
        if not message.id:
            continue
        if by_id.get(first(message.id)) != message.id:
            yield f"nobody says this any more; run python -m checks.catalogs: {message.id!r}"
        else:
            yield from (f"{wrong}: {message.id!r}" for wrong in _wrong(message, known))


def update(root: Path, commit: str = "") -> None:
    """Write every catalog anew with what is said today, and with all that was translated.

    What is not translated here is taken from ``commit``, if one is named.
    """
    kept = {
        language: (_of_commit(root, commit, language) if commit else {})
        | _translated(root, language)
        for language in LANGUAGES
    }
    for room, wanted in messages(root).items():
        for language in LANGUAGES:
            catalog = Catalog(locale=language)
            for msgid in wanted:
                catalog.add(msgid, kept[language].get(msgid, ""))
            _write(place(root, room, language), catalog, room)


def place(root: Path, room: str, language: str) -> Path:
    """Return where a room keeps a catalog."""
    return root / "quittance" / room / "locale" / language / "LC_MESSAGES" / "django.po"


def _translated(root: Path, language: str) -> dict[Msgid, Said]:
    """Whatever any catalog of this language has: a sentence may move from one room to another."""
    paths = sorted(root.glob(f"quittance/*/locale/{language}/LC_MESSAGES/django.po"))
    return _of_catalogs(_read(path, language) for path in paths)


def _of_commit(root: Path, commit: str, language: str) -> dict[Msgid, Said]:
    git, ending = ("git", "-C", str(root)), f"/locale/{language}/LC_MESSAGES/django.po"
    listed = [*git, "ls-tree", "-r", "--name-only", commit, "quittance"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    texts = (
        subprocess.run([*git, "show", f"{commit}:{name}"], capture_output=True, check=True).stdout
        for name in names
        if name.endswith(ending)
    )
    return _of_catalogs(read_po(io.BytesIO(text), locale=language) for text in texts)


def _of_catalogs(catalogs: Iterable[Catalog]) -> dict[Msgid, Said]:
    return {
        message.id: message.string
        for catalog in catalogs
        for message in catalog
        if message.id and not message.fuzzy and all(_forms(message))
    }


def _wrong(message: Message, catalog: Catalog) -> Iterator[str]:
    forms = _forms(message)
    if message.fuzzy:
        yield "marked as fuzzy: look at it and take the mark away"
    if not all(forms) or (message.pluralizable and len(forms) != catalog.num_plurals):
        yield "not translated, or not in all its forms"
        return
    said = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    needed = _placeholders(said[-1])
    # What English leaves out for one, other languages may leave out too: for one, two or none.
    free = (needed - _placeholders(said[0])) | _COUNTS if message.pluralizable else set()
    for form in forms:
        if _placeholders(form) - needed or needed - _placeholders(form) - free:
            yield f"has other placeholders in {form!r}"
        if form.strip() != form and said[-1].strip() == said[-1]:
            yield f"begins or ends with a space in {form!r}"


def _placeholders(text: str) -> set[str]:
    return {found[0] for found in _PLACEHOLDER.finditer(text) if found[0] != "%%"}


def _forms(message: Message) -> Sequence[str]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _write(path: Path, catalog: Catalog, room: str) -> None:
    """Sorted, one line a sentence and without places: so that two branches seldom meet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        head = _HEADER.format(
            language=catalog.locale_identifier,
            room=room,
            plural=_PLURALS.get(str(catalog.locale_identifier), catalog.plural_forms),
        )
        file.write(head.encode())
        write_po(
            file, catalog, width=0, no_location=True, omit_header=True, sort_output=True,
            ignore_obsolete=True,
        )  # fmt: skip


if __name__ == "__main__":
    update(Path(__file__).resolve().parent.parent, *sys.argv[1:2])
