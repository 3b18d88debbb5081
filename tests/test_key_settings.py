"""Keys as the user wants them: what is understood, what is refused and where that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.errors import SettingsError
from chat_tui.key_settings import BoundKeys, bound_keys, read_key, spelled
from chat_tui.keys import KEYS
from chat_tui.settings import load_settings


def bound(**table: object) -> BoundKeys:
    return bound_keys(
        {id_.replace("_", " "): value for id_, value in table.items()}, "at {}".format
    )


@pytest.mark.parametrize(
    ("written", "key", "shown"),
    [
        ("ctrl+e", "ctrl+e", "Ctrl+E"),
        ("Ctrl+E", "ctrl+e", "Ctrl+E"),
        ("shift+ctrl+up", "ctrl+shift+up", "Ctrl+Shift+Up"),
        ("option+Return", "alt+enter", "Alt+Enter"),
        ("F6", "f6", "F6"),
        ("Page Up", "pageup", "Page Up"),
        ("ctrl+\\", "ctrl+backslash", "Ctrl+\\"),
        ("y", "y", "y"),
        ("?", "?", "?"),
        ("/", "slash", "/"),
    ],
)
def test_a_key_is_read_as_people_write_it(written: str, key: str, shown: str) -> None:
    assert read_key(written) == key
    assert spelled(key) == shown


@pytest.mark.parametrize(
    "written", ["", " ", "hyper+x", "ctrl+", "ctrl+ctrl+a", "alt+ü", "f99", "ctrl+shift+e", "\x1b"]
)
def test_what_is_no_key_or_cannot_be_told_apart_is_refused(written: str) -> None:
    with pytest.raises(SettingsError):
        read_key(written)


def test_the_usual_keys_get_along() -> None:
    same = {id_: list(key.keys) for id_, key in KEYS.items()}
    odd = ("new line",)  # terminals' own names of it cannot be written
    found = bound_keys({id_: keys for id_, keys in same.items() if id_ not in odd}, str)
    assert found.problems == ()
    assert not found.changed


def test_two_keys_can_change_places() -> None:
    found = bound(effort="ctrl+o", reasoning="ctrl+t", send="ctrl+s", answer_now="f6")
    assert found.problems == ()
    assert found.table["effort"].shown == "Ctrl+O"
    assert found.table["send"].keys == ("ctrl+s",)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"efort": "ctrl+e"}, "There is no key 'efort'"),
        ({"effort": "ctrl+i"}, "send the same for Ctrl+I as for Tab"),
        ({"effort": "ctrl+r"}, "'effort' and 'regenerate' would both be Ctrl+R"),
        ({"effort": "enter"}, "'effort' and '"),
        ({"effort": "e"}, "needed for writing"),
        ({"effort": 5}, "should be a key"),
        ({"effort": []}, "should be a key"),
        ({"history": "up"}, "takes two keys"),
        ({"once": "enter"}, "takes a letter"),
        ({"open": "f2"}, "'open' and 'rename' would both be F2"),
        ({"rename": "f1"}, "'rename' and 'help' would both be F1"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_changes_nothing(
    table: dict[str, object], problem: str
) -> None:
    found = bound_keys(table, "at {}".format)
    (told,) = found.problems
    assert problem in told.message
    assert told.message.startswith(f"at {next(iter(table))}: ")
    assert not found.changed


def test_one_slip_costs_one_line() -> None:
    found = bound(effort="ctrl+e", reasoning="ctrl+e", find="f6")
    assert len(found.problems) == 1
    assert found.changed == {"effort": ("ctrl+e",), "find": ("f6",)}


def test_the_lines_of_the_file_are_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('effort = "low"\n\n[keys]\n"find" = "f6"\n"effort" = "ctrl+m"\nnope = "x"\n')
    keys = load_settings(file).keys
    assert keys.changed == {"find": ("f6",)}
    assert [str(one).partition(": ")[0] for one in keys.problems] == [
        f"{file}, line 5",
        f"{file}, line 6",
    ]
    file.write_text("keys = 3\n")
    assert "line 1: 'keys' should be a table" in str(load_settings(file).keys.problems[0])


@pytest.mark.parametrize("name", ["\x1b", "\u202e", "\u0301", "\U000e0100", "\ue0ab", "alt+["])
def test_no_name_of_a_key_acts_on_the_screen(name: str) -> None:
    found = bound(**{"next place": name})
    assert not found.changed
    assert len(found.problems) == 1
