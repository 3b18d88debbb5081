"""Bring the catalogs up to date with the texts of the code, and compile them.

    uv run python -m tests.language.catalogs [LANGUAGE …] [--missing]

Texts that are no longer in the code leave the catalogs; new ones come in untranslated, and
``--missing`` prints them.
"""

from __future__ import annotations

import argparse
import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from chat_tui.language import DOMAIN, LOCALE, Language

SOURCE = LOCALE.parent.parent
LANGUAGES = tuple(one for one in Language if one not in (Language.AUTO, Language.EN))
_WITH_CONTEXT = ((1, "c"), 2)
KEYWORDS = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": _WITH_CONTEXT,
    "NP_": _WITH_CONTEXT,
}
HEADER = "# The texts of chat-tui in another language; python -m tests.language.catalogs keeps it."
ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in every header: a new one would change the files without a reason."""


def texts() -> Catalog:
    """All texts that the code marks."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(SOURCE, [("**.py", "python")], keywords=KEYWORDS)
    for _, _, message, _, context in found:
        catalog.add(message, context=context)
    return catalog


def place(language: str) -> Path:
    """The catalog that people edit; the compiled one lies beside it."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def empty(language: str) -> Catalog:
    """A catalog without texts."""
    return Catalog(
        language, header_comment=HEADER, project="chat-tui", version="1", charset="utf-8",
        last_translator="none", language_team="none", creation_date=ALWAYS, revision_date=ALWAYS,
    )  # fmt: skip


def read(language: str) -> Catalog:
    """That catalog; an empty one where there is none."""
    path = place(language)
    if not path.exists():
        return empty(language)
    with path.open("rb") as file:
        return read_po(file, language)


def updated(language: str, wanted: Catalog) -> Catalog:
    """The catalog of a language with exactly the wanted texts."""
    old, new = read(language), empty(language)
    for message in wanted:
        if message.id:
            known = old.get(message.id, message.context)
            same = known is not None and known.id == message.id
            text = known.string if known and same else ""
            new.add(message.id, text, context=message.context)
    return new


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """The two files of a catalog: for people and compiled."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=100, sort_output=True, no_location=True)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """Texts without a translation, or with a form that is missing."""

    def lacks(message: Message) -> bool:
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        return not forms or not all(forms)

    return [message for message in catalog if message.id and lacks(message)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    parser.add_argument("--missing", action="store_true")
    words = parser.parse_args()
    wanted = texts()
    for language in words.languages:
        catalog = updated(language, wanted)
        left = untranslated(catalog)
        path = place(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        po, mo = written(catalog)
        path.write_bytes(po)
        path.with_suffix(".mo").write_bytes(mo)
        print(f"{language}: {len(wanted)} texts, {len(left)} untranslated")
        if words.missing:
            for message in left:
                print(repr(message.id))


if __name__ == "__main__":
    main()
