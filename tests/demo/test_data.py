"""The demo model's data: one answer to a question, effort that shows, phrasings kept apart."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from chat_tui.demo.app_help import HELP
from chat_tui.demo.calculating import SUM_ASKS
from chat_tui.demo.called import AFTER_DENIAL, AFTER_FAILURE, held_out_case
from chat_tui.demo.data import (
    CANNOT,
    CAPITAL_ASKS,
    MAKERS,
    TOOL_KINDS,
    held_out_pair,
    make_talk,
    make_turn,
)
from chat_tui.demo.facts import CAPITALS, COPIED, COUNTRIES, WORDS
from chat_tui.demo.forms import LISTS, REPEAT_ASKS, SAMPLES
from chat_tui.demo.functions import FUNCTIONS
from chat_tui.demo.offers import FUNCTION_SPECS, names, offer
from chat_tui.demo.phrasing import bare, pick
from chat_tui.demo.probes import PROBES, plain
from chat_tui.demo.small_talk import TALK
from chat_tui.demo.taught import keys_in, taught_keys
from chat_tui.demo.turns import EFFORTS, Turn
from chat_tui.keys import COMMANDS, KEYS

ALL_TOOLS = frozenset({"python", "browser", "apply_patch", *FUNCTIONS})
KINDS = (*MAKERS, *TOOL_KINDS)


def turns(kind: str, count: int = 300, held_out: bool = False) -> list[Turn]:
    rng = random.Random(3)
    offered = ALL_TOOLS if kind in TOOL_KINDS else frozenset[str]()
    return [make_turn(rng, held_out, (kind,), offered) for _ in range(count)]


def test_the_same_seed_makes_the_same_data() -> None:
    for tools in (False, True):
        made = [
            [make_talk(random.Random(5), "low", with_tools=tools) for _ in range(3)]
            for _ in range(2)
        ]
        assert made[0] == made[1]


@pytest.mark.parametrize("kind", KINDS)
def test_reasoning_grows_with_effort(kind: str) -> None:
    for turn in turns(kind):
        low, medium, high = (len(bare(text).split()) for text in turn.think)
        assert low < medium < high


@pytest.mark.parametrize("kind", KINDS)
def test_high_effort_counts_its_steps_and_checks(kind: str) -> None:
    for turn in turns(kind, 50):
        for thought in (turn.think, turn.call.after) if turn.call else (turn.think,):
            lines = bare(thought[2]).split("\n")
            assert [line[:2] for line in lines] == [f"{i + 1}." for i in range(len(lines))]
            assert "Check:" in lines[-1]


def test_sums_are_right_wherever_they_are_written() -> None:
    for turn in turns("sum"):
        texts = (*turn.think, turn.answer)
        for a, b, total in re.findall(r"(\d+) ?\+ ?(\d+) ?= ?(\d+)", bare(" ".join(texts))):
            assert int(a) + int(b) == int(total)


def test_capitals_are_answered_for_the_country_that_was_asked() -> None:
    for turn in turns("capital"):
        match = re.fullmatch(r"The capital of (.*) is (.*)\.", bare(turn.answer))
        assert match
        assert match[1].lower() in turn.ask.lower()
        assert CAPITALS[match[1]] == match[2]


def test_held_out_phrasings_are_never_in_training() -> None:
    rng = random.Random(1)
    for options in (CAPITAL_ASKS, SUM_ASKS, REPEAT_ASKS, *(t.asks for t in (*TALK, *HELP))):
        seen, kept = ({pick(rng, options, held) for _ in range(400)} for held in (False, True))
        assert seen
        assert kept
        assert not seen & kept


def test_held_out_sums_are_never_in_training() -> None:
    for turn in turns("sum", 2000):
        a, b = map(int, re.findall(r"\d+", bare(turn.answer))[:2])
        assert not held_out_pair(a, b)


def test_no_question_has_two_answers() -> None:
    asks: dict[str, str] = {}
    for topic in (*TALK, *HELP, *SAMPLES):
        for ask in topic.asks:
            assert asks.setdefault(ask.lower().rstrip("?!. "), topic.answer) == topic.answer


def test_probes_are_not_in_the_training_data() -> None:
    rng = random.Random(8)
    asked = {plain(make_turn(rng).ask) for _ in range(5_000)}
    assert not asked & {plain(ask) for _, ask in PROBES}


def test_answers_name_only_keys_and_commands_that_the_app_has() -> None:
    bound = {*(key.shown for key in KEYS.values()), *(c.shown for c in COMMANDS.values())}
    for topic in (*TALK, *HELP, *SAMPLES):
        assert keys_in(topic.answer) <= bound
    assert taught_keys() <= bound
    assert {"Ctrl+O", "Ctrl+S", "/model", "/effort", "Esc"} <= taught_keys()


def test_a_call_is_only_made_where_its_tool_is_offered() -> None:
    rng = random.Random(11)
    for number in range(600):
        talk = make_talk(rng, EFFORTS[number % 3], with_tools=number % 3 > 0)
        for turn in talk.turns:
            if turn.call:
                assert turn.call.recipient.removeprefix("functions.").split(".")[0] in names(
                    talk.tools
                )


def test_arguments_and_code_stand_in_the_question() -> None:
    for kind in TOOL_KINDS:
        for turn in turns(kind):
            assert turn.call
            body = bare(turn.call.body)
            said = re.findall(r"\d+|(?<=\")[a-z ]+(?=\"[,}])|(?<=: )\w+\.\w+", body)
            for value in said:
                known = kind == "python" and value == "4"  # the digits that a division rounds to
                assert known or value.lower() in turn.ask.lower(), (turn.ask, body)


def test_the_answer_repeats_what_the_tool_said() -> None:
    for turn in turns("python"):
        if turn.kind == "python":
            assert turn.call
            assert turn.call.result.rstrip() in bare(turn.answer)


def test_python_results_are_what_python_computes() -> None:
    for turn in turns("python"):
        if turn.kind == "python" and turn.call:
            code = bare(turn.call.body).removeprefix("print(").removesuffix(")")
            assert str(eval(code, {"__builtins__": {}, "len": len, "round": round})) == (  # noqa: S307
                turn.call.result.rstrip()
            )


def test_a_citation_points_at_the_first_line_that_tells_of_it() -> None:
    cited = 0
    for turn in turns("search"):
        match = re.fullmatch(r"I found something about (.*): 【(\d+)†L(\d+)】", bare(turn.answer))
        if not match:
            continue
        assert turn.call
        lines = dict(re.findall(r"^L(\d+): (.*)$", turn.call.result, re.MULTILINE))
        telling = [at for at, line in lines.items() if match[1].lower() in line.lower()]
        assert match[3] == telling[0]
        cited += 1
    assert cited > 100


def test_a_denied_or_failed_call_has_no_result_in_its_answer() -> None:
    kinds = {turn.kind: turn.answer for kind in TOOL_KINDS for turn in turns(kind)}
    assert kinds["denied"] == AFTER_DENIAL
    assert kinds["failed"] == AFTER_FAILURE


def test_held_out_arguments_are_never_in_training() -> None:
    for turn in turns("patch"):
        assert turn.call
        match = re.search(r"Add File: (\w+)\.\w+\n\+(?:# |print\(\")?(\w+)", bare(turn.call.body))
        assert match
        assert not held_out_case(match[1], match[2])


def test_what_needs_a_tool_is_not_answered_without_it() -> None:
    rng = random.Random(6)
    asks = [make_turn(rng, kinds=("other",)) for _ in range(500)]
    assert all(turn.answer == CANNOT for turn in asks)
    assert any("weather" in turn.ask.lower() for turn in asks)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_arguments_that_are_held_out(name: str) -> None:
    rng = random.Random(7)
    kept = [make_turn(rng, True, ("function",), frozenset({name})) for _ in range(20)]
    assert len({turn.call.body for turn in kept if turn.call}) > 1


def test_every_function_that_is_offered_can_be_asked_for() -> None:
    assert set(FUNCTION_SPECS) == set(FUNCTIONS)
    rng = random.Random(9)
    offered = {name for _ in range(300) for name in names(offer(rng))}
    assert offered == ALL_TOOLS


def test_the_tables_hold_together() -> None:
    assert set(COPIED) < set(WORDS)
    assert set(COUNTRIES) < set(CAPITALS)
    assert all(len(rows) == 3 for _, _, rows in LISTS.values())


def test_nobody_is_told_that_this_is_chatgpt() -> None:
    for topic in TALK:
        if topic.kind == "who":
            assert "ChatGPT" not in topic.answer or "not ChatGPT" in topic.answer


def test_torch_is_not_needed_for_data_and_checker() -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\n"
        "import chat_tui.demo.data, chat_tui.demo.checker, chat_tui.demo.mxfp4"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
