"""What is offered while one writes, what a paste becomes, and what was sent before: pure parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.attachments import Attachment
from chat_tui.keys import COMMANDS
from chat_tui.ui.composer.dropped import paths_in, shortened
from chat_tui.ui.composer.offers import (
    Kind,
    Wanted,
    arguments,
    commands,
    files,
    is_meant,
    is_written,
    paths,
    wanted,
)
from chat_tui.ui.composer.placeholders import Placeholders, is_long
from chat_tui.ui.composer.recall import Recall
from chat_tui.ui.keys import new_line_key


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("/", Wanted(Kind.COMMAND, 0, "")),
        ("/ef", Wanted(Kind.COMMAND, 0, "ef")),
        ("/effort ", Wanted(Kind.ARGUMENT, 8, "", "effort")),
        ("/think hi", Wanted(Kind.ARGUMENT, 7, "hi", "effort")),
        ("/schema c", Wanted(Kind.PATH, 8, "c", "schema")),
        ("/library add ~/no", Wanted(Kind.PATH, 13, "~/no", "library")),
        ("/library se", Wanted(Kind.ARGUMENT, 9, "se", "library")),
        ("/nothing hi", None),
        (" /ef", None),
        ("/ef\nmore", None),
        ("read @no", Wanted(Kind.FILE, 5, "no")),
        ("two\n(@a/b.c", Wanted(Kind.FILE, 5, "a/b.c")),
        ("me@example", None),
        ("@@home", None),
        ("@one two", None),
        ("", None),
    ],
)
def test_what_may_be_completed(before: str, expected: Wanted | None) -> None:
    assert wanted(before) == expected


def test_all_commands_are_offered_in_their_order_and_letters_choose() -> None:
    assert [one.text.strip("/ ") for one in commands("")] == list(COMMANDS)
    assert commands("eff")[0].text == "/effort "
    assert "/exit" not in [one.text for one in commands("e")]
    assert commands("quit")[0].is_whole
    assert commands("think")[0].text == "/think "
    assert commands("dctr")[0].text == "/doctor"
    assert commands("zzz") == []


def test_a_schema_may_be_a_file_and_the_library_anything() -> None:
    names = ["City.json", "cats/", "coat.pdf", "off.json"]

    def texts(before: str) -> list[str]:
        want = wanted(before)
        assert want is not None
        return [one.text for one in paths(want, names)]

    assert texts("/schema ") == ["off", "City.json", "cats/", "off.json"]
    assert texts("/schema c") == ["City.json", "cats/"]
    assert texts("/schema a/c") == ["a/City.json", "a/cats/"]
    assert texts("/library add ~/c") == ["~/City.json", "~/cats/", "~/coat.pdf"]


def test_the_words_of_a_usage_are_offered() -> None:
    want = wanted("/regen ")
    assert want
    assert [one.text for one in arguments(want, ())] == ["low", "medium", "high"]
    assert [one.text for one in arguments(want, [("a", "x"), ("b", "y")])] == ["a", "b"]
    high = wanted("/regen hi")
    assert high
    assert arguments(high, ())[0].text == "high"


def test_enter_takes_what_is_meant_and_sends_what_is_written() -> None:
    doc, far = Wanted(Kind.COMMAND, 0, "doc"), Wanted(Kind.COMMAND, 0, "dctr")
    doctor = commands("doc")[0]
    assert is_meant(doc, doctor, chosen=False)
    assert not is_meant(far, doctor, chosen=False)
    assert is_meant(far, doctor, chosen=True)
    assert is_written(Wanted(Kind.COMMAND, 0, "exit"), commands("exit")[0])
    assert not is_written(doc, doctor)


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, "Ctrl+J"),
        ({"TERM": "xterm-kitty"}, "Shift+Enter"),
        ({"TERM": "xterm-kitty", "TMUX": "x"}, "Ctrl+J"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "Ctrl+J"),
        ({"ALACRITTY_WINDOW_ID": "1"}, "Shift+Enter"),
    ],
)
def test_the_hint_names_a_key_that_makes_a_new_line_there(
    environment: dict[str, str], shown: str
) -> None:
    assert new_line_key(environment) == shown


def test_folders_are_gone_on_with() -> None:
    assert [one.is_whole for one in files("a", ["a/", "a.txt"])] == [False, True]


@pytest.mark.parametrize(
    ("pasted", "paths"),
    [
        ("/etc/hosts", ["/etc/hosts"]),
        ("'/a b/c' ", ["/a b/c"]),
        ("/a\\ b/c", ["/a b/c"]),
        ("/a b/c.txt", ["/a b/c.txt"]),
        ("file:///a%20b", ["/a b"]),
        ("/a /b", ["/a", "/b"]),
        ("/a\n/b\n", ["/a", "/b"]),
        ("~/x", ["~/x"]),
        ("C:\\x y\\z.txt", ["C:\\x y\\z.txt"]),
        ("see /etc/hosts", []),
        ("/a\nand more", []),
        ("word", []),
        ("'quoted'", []),
        ('"open', []),
        ("", []),
        ("/" * 10_000, []),
    ],
)
def test_a_dropped_file_is_told_from_text(pasted: str, paths: list[str]) -> None:
    assert paths_in(pasted) == paths


def test_paths_are_shown_short() -> None:
    folder, home = Path("/home/me/work"), Path("/home/me")
    assert shortened(Path("/home/me/work/a/b.c"), folder, home) == "a/b.c"
    assert shortened(Path("/home/me/x"), folder, home) == "~/x"
    assert shortened(Path("/etc/x"), folder, home) == "/etc/x"


def test_a_paste_is_long_by_lines_or_characters() -> None:
    assert not is_long("x" * 1_000)
    assert is_long("x" * 1_001)
    assert not is_long("a\n" * 7 + "b")
    assert is_long("a\n" * 8 + "b")


def test_labels_stand_for_what_was_pasted_and_attached() -> None:
    labels = Placeholders()
    first, second = labels.paste("one\ntwo"), labels.paste("six\nten")
    file = labels.file(Attachment("a[1].txt", "text\n"))
    assert (first, second, file) == ("[pasted 2 lines]", "[pasted 2 lines · 2]", "[a(1).txt]")
    counted = labels.counted(first, 1_430)
    assert counted == "[pasted 2 lines · 1,430 tok]"
    text = f"Look: {counted} and {second} in {file}"
    whole = labels.whole(text)
    assert whole.startswith("Look: one\ntwo and six\nten in a[1].txt\n\nFile: a[1].txt\n")
    assert labels.without_files(text) == f"Look: one\ntwo and six\nten in {file}"
    assert labels.at(text, 8) == (6, 6 + len(counted))
    assert Placeholders().labelled(whole) == "Look: one\ntwo and six\nten in [a(1).txt]"


def test_what_was_pasted_is_not_read_for_labels_again() -> None:
    labels = Placeholders()
    assert labels.paste("a\nb\nc\n").startswith("[pasted 3 lines")
    outer = labels.paste("[pasted 3 lines]\n")
    labels.paste("a\nb\nc")
    assert labels.whole(outer) == "[pasted 3 lines]\n"


def test_a_label_that_was_changed_is_plain_text() -> None:
    labels = Placeholders()
    label = labels.paste("a\nb")
    assert labels.whole(label[:-1]) == label[:-1]


def test_files_alone_need_no_words() -> None:
    labels = Placeholders()
    file = labels.file(Attachment("a.txt", "text\n"))
    assert labels.whole(f" {file} ") == "File: a.txt\n```txt\ntext\n```"


def test_earlier_texts_are_walked_and_the_draft_waits() -> None:
    recall = Recall()
    recall.remember("two")
    recall.before(["", "one", "one", "two"])
    assert recall.walk(-1, "draft") == "two"
    assert recall.walk(-1, "two") == "one"
    assert recall.walk(-1, "one") is None
    assert recall.walk(1, "one") == "two"
    assert recall.walk(1, "two") == "draft"
    assert recall.is_at_draft
