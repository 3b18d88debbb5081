"""Rules in the settings file: read, kept, taken out, and never more than the user wrote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, Message, Role
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import SettingsError, UsageError
from chat_tui.sandbox.base import LANDLOCK
from chat_tui.session import permissions
from chat_tui.session.approval import Rule, Ruling, to_table
from chat_tui.session.gate import Choice, Reply
from chat_tui.session.standing import Standing, _quoted, rules_of
from chat_tui.session.toolset import Toolset
from chat_tui.session.turn import Decision
from chat_tui.settings import ToolMode, load_settings
from chat_tui.tools.base import Risk
from tests.ui.tools import Edits, Looks, Pretend, toolset

CALL = Message(Role.ASSISTANT, "print(1)", ANALYSIS, "python", "code")
LOOK = Message(Role.ASSISTANT, "{}", ANALYSIS, "browser.search", "code")
PATCH = Message(Role.ASSISTANT, "*** patch", ANALYSIS, "functions.apply_patch", "code")
OWN = """\
# my settings
effort = "high"  # always
[tools]
mode = "ask"
deny = ["browser.*"]
ask = [{ tool = "python", workspace = "/precious" }]
"""


def rules_in(path: Path) -> tuple[Rule, ...]:
    return rules_of(load_settings(path), path)


def built(path: Path, *tools: Pretend | Looks | Edits, asked: list[str] | None = None) -> Toolset:
    """These tools as the next start of the program has them; a question is answered with always."""
    found = toolset(*tools, standing=Standing(path, rules_in(path)))

    def ask(request: object, _stop: object) -> Reply:
        if asked is not None:
            asked.append(request.call.content)  # type: ignore[attr-defined]
        return Reply(Choice.CONVERSATION)

    found.ask = ask
    return found


def test_rules_of_the_file_hold_in_every_conversation(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(OWN)
    tools = built(path, Pretend(), Looks(""))
    assert tools.approve(LOOK, Cancel()).reason == "A rule of the user forbids it."
    assert tools.approve(CALL, Cancel()).decision is Decision.ALLOW
    tools.forget()
    assert tools.approve(LOOK, Cancel()).decision is Decision.DENY


def test_a_permission_can_be_kept_and_taken_back_for_good(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(OWN)
    path.chmod(0o640)
    asked: list[str] = []
    tools = built(path, Pretend(), asked=asked)
    tools.approve(CALL, Cancel())
    lines = permissions.listed(tools)
    number = next(line.partition(".")[0] for line in lines if "allow python" in line)
    assert permissions.change(tools, f"keep {number}").startswith("From now on in every")
    assert path.read_text().startswith(OWN)
    assert path.stat().st_mode & 0o777 == 0o640
    later = built(path, Pretend(), asked=asked)
    assert later.approve(replace(CALL, content="print(2)"), Cancel()).decision is Decision.ALLOW
    assert asked == ["print(1)"]
    (line,) = [line for line in permissions.listed(later) if "allow python" in line]
    assert line.endswith("in your settings")
    assert permissions.change(later, f"revoke {line[0]}").startswith("No longer: allow python")
    assert path.read_text() == OWN
    later.forget()
    later.approve(CALL, Cancel())
    built(path, Pretend(), asked=asked).approve(CALL, Cancel())
    assert asked == ["print(1)"] * 3


def test_a_rule_is_bound_to_what_it_was_given_for(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    asked: list[str] = []
    tools = built(path, Pretend(), asked=asked)
    tools.approve(CALL, Cancel())
    tools.settle(1)
    partly = toolset(Pretend(), tier=LANDLOCK, standing=Standing(path, rules_in(path)))
    assert partly.approve(CALL, Cancel()).decision is Decision.DENY  # asked, and nobody there
    unwalled = built(path, Pretend(risk=Risk.OUTSIDE), asked=asked)
    assert unwalled.approve(CALL, Cancel()).decision is Decision.DENY  # asked: no always for it
    assert asked == ["print(1)"] * 2


def test_what_the_user_wrote_themselves_is_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    tools = built(path, Pretend())
    tools.approve(CALL, Cancel())
    table = {key: text for key, text in to_table(tools.rules[0]).items() if key != "verdict"}
    inner = ", ".join(f"{key} = {_quoted(text)}" for key, text in table.items())
    path.write_text(own := f"[tools]\nallow = [{{ {inner} }}]\n")
    tools = built(path, Pretend())
    assert "settings file yourself" in permissions.change(tools, "revoke 1")
    assert path.read_text() == own
    assert tools.rules == ()
    tools.forget()
    assert tools.rules == ()
    tools.approve(CALL, Cancel())
    with pytest.raises(SettingsError, match="by itself"):
        permissions.change(tools, "keep 1")
    assert path.read_text() == own


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tools]\nallow = ["python"]', "list of tables"),
        ('[tools]\ndeny = "python"', ""),
        ("[tools]\ndeny = [3]", "line 2"),
        ('[[tools.allow]]\ntool = "python"', "not bound"),
        ('[[tools.allow]]\ntool = "*"\nschema = "s"\nworkspace = "/"\ntier = "x"', "not bound"),
        ('[[tools.deny]]\ntool = "python"\nwhen = "now"', "no key when"),
    ],
)
def test_a_rule_that_is_wrong_is_an_error_with_its_place(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    if not words:
        assert rules_in(path) == (Rule(Ruling.DENY, "python"),)
        return
    with pytest.raises(SettingsError) as raised:
        rules_in(path)
    assert str(path) in raised.value.message
    assert words in f"{raised.value.message} {raised.value.hint}"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_call_says_is_a_string_in_the_file(text: str) -> None:
    import tomllib

    assert tomllib.loads(f"x = {_quoted(text)}") == {"x": text}


def test_a_rule_with_half_a_character_is_refused_and_the_file_left(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(OWN)
    rule = Rule(Ruling.ALLOW, "python", "raw:\ud800", "s", "/w", "bubblewrap")
    with pytest.raises(SettingsError):
        Standing(path).keep(rule)
    assert path.read_text() == OWN
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("words", ["keep", "keep x", "revoke ²", "keep 9", "drop 1", "revoke 0"])
def test_words_that_name_no_permission_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        permissions.change(toolset(Pretend()), words)


def test_without_questions_sandboxed_code_runs_and_nothing_else_does() -> None:
    tools = toolset(Pretend(), Edits(), Looks(""), unasked=True)
    assert tools.approve(CALL, Cancel()).decision is Decision.ALLOW
    assert tools.approve(LOOK, Cancel()).decision is Decision.ALLOW
    assert tools.approve(PATCH, Cancel()).decision is Decision.DENY
    record = tools.decisions.of(CALL)
    assert record is not None
    assert record.words.startswith("allowed by --yolo")
    assert permissions.YOLO in permissions.listed(tools)
    tools.mode = ToolMode.READ_ONLY
    assert tools.approve(CALL, Cancel()).decision is Decision.DENY


def test_without_whole_walls_there_is_no_going_without_questions() -> None:
    with pytest.raises(UsageError, match="refused: code would run partly sandboxed"):
        permissions.check_walls(toolset(Pretend(), tier=LANDLOCK, unasked=True))
    permissions.check_walls(toolset(Pretend(), unasked=True))
