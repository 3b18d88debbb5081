"""One question at several levels: siblings in the tree, on the same terms."""

from __future__ import annotations

from pathlib import Path

from chat_tui.conversation import FINAL, Effort, FunctionSpec, Message, Role, ToolSpec
from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineCrashed, NoRoom
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
)
from chat_tui.session import room
from chat_tui.session.chat import Chat
from chat_tui.session.compare import Comparison, Run, State
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.session.turn import NoTools, Seams
from chat_tui.store.store import Store


def completion(words: str) -> str:
    return (
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{words}<|return|>"
    )


THREE = [completion("short"), completion("middle"), completion("long")]


class Offering(NoTools):
    """A toolbox with something in it."""

    specs = (ToolSpec("functions", (FunctionSpec("look"),)),)


def compared(comparison: Comparison) -> list[TurnEvent]:
    return [event for effort in Effort for event in comparison.answer(effort, Cancel())]


def test_the_answers_of_a_new_question_are_siblings_at_their_levels() -> None:
    chat = Chat(ScriptedEngine(THREE), effort=Effort.HIGH)
    compared(Comparison(chat, "Why?"))
    assert [unit.place for unit in chat.units] == [(1, 1), (3, 3)]
    ends = [chat.conversation.nodes[end].message for end in chat.units[-1].versions]
    assert [(one.effort, one.content) for one in ends] == [
        (Effort.LOW, "short"),
        (Effort.MEDIUM, "middle"),
        (Effort.HIGH, "long"),
    ]
    assert chat.effort is Effort.HIGH


def test_without_words_the_last_question_gets_more_versions() -> None:
    chat = Chat(ScriptedEngine([completion("first"), *THREE]))
    list(chat.ask("Why?", Cancel()))
    compared(Comparison(chat))
    assert [unit.place for unit in chat.units] == [(1, 1), (4, 4)]


def test_all_levels_have_the_same_seed_and_options_and_no_tools_and_the_chat_its_own_after() -> (
    None
):
    engine = ScriptedEngine([*THREE, completion("after")])
    options = GenerateOptions(Sampling(temperature=0.3), max_tokens=50)
    chat = Chat(engine, options=options, seams=Seams(toolbox=Offering()))
    compared(Comparison(chat, "Why?"))
    seeds = {used.sampling.seed for used in engine.options}
    assert len(seeds) == 1
    assert None not in seeds
    assert {(used.sampling.temperature, used.max_tokens) for used in engine.options} == {(0.3, 50)}
    assert [prompt.tools for prompt in engine.prompts] == [(), (), ()]
    list(chat.ask("And?", Cancel()))
    assert engine.prompts[-1].tools == Offering.specs
    assert chat.options == options


def test_a_seed_of_the_chat_holds() -> None:
    chat = Chat(ScriptedEngine(THREE), options=GenerateOptions(Sampling(seed=7)))
    assert Comparison(chat).options.sampling.seed == 7
    assert Comparison(chat, seed=9).options.sampling.seed == 9


def test_a_question_that_was_hidden_behind_a_summary_still_gets_three_versions() -> None:
    chat = Chat(ScriptedEngine([completion("one"), completion("two"), *THREE]))
    list(chat.ask("First?", Cancel()))
    list(chat.ask("Second?", Cancel()))
    chat.mark(room.mark(1))
    compared(Comparison(chat))
    assert chat.units[-1].place == (3, 3)


def test_what_was_answered_before_a_kill_is_on_the_disk(tmp_path: Path) -> None:
    """Nothing is closed or flushed: another store reads what the first has written."""
    path = tmp_path / "kept.db"
    store = Store(path)
    shelf = Shelf(Keeper(store))
    chat = Chat(ScriptedEngine(THREE), seams=shelf.seams())
    shelf.serve(chat)
    comparison = Comparison(chat, "Why?")
    list(comparison.answer(Effort.LOW, Cancel()))
    for event in comparison.answer(Effort.MEDIUM, Cancel()):
        if isinstance(event, AnswerDelta):
            break
    name = shelf.present
    assert name is not None
    other = Store(path)
    said = [node.message for node in other.load(name).conversation.nodes]
    assert [one.content for one in said] == ["Why?", "Hm.", "short", "Hm.", "middle"]
    other.close()
    store.close()


def test_a_level_that_dies_leaves_the_others_and_the_next_goes_on() -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (1, 0):
            raise EngineCrashed("The model process was killed.")

    chat = Chat(ScriptedEngine(THREE, hook=hook))
    events = compared(Comparison(chat, "Why?"))
    assert sum(isinstance(event, TurnFailed) for event in events) == 1
    assert [unit.place for unit in chat.units] == [(1, 1), (2, 2)]


def test_a_run_counts_what_comes_and_takes_the_engines_figures_in_the_end() -> None:
    run = Run(Effort.LOW)
    assert (run.state, run.seconds(5.0)) == (State.WAITING, 0.0)
    run.begin(10.0)
    assert run.seconds(11.0) == 1.0
    run.take(PromptProgress(1, 2), 11.0)
    run.take(ReasoningDelta("Hm", 3), 12.0)
    assert (run.state, run.reasoning_tokens, run.first_word) == (State.THINKING, 3, None)
    run.take(AnswerDelta("So", 2), 13.0)
    run.take(AnswerDelta(".", 1), 14.0)
    assert (run.state, run.answer_tokens, run.first_word) == (State.WRITING, 3, 3.0)
    run.take(MessageCompleted(Message(Role.ASSISTANT, "So.", channel=FINAL)), 14.0)
    usage = Usage(reasoning_tokens=4, answer_tokens=5, decode_seconds=2.0)
    run.take(TurnEnded(StopReason.COMPLETE, usage), 15.0)
    assert (run.state, run.is_over, run.answer) == (State.DONE, True, "So.")
    assert (run.reasoning_tokens, run.answer_tokens, run.seconds(99.0)) == (4, 5, 5.0)
    assert run.tokens_per_second == 4.0


def test_a_run_that_was_given_up_stays_so() -> None:
    run = Run(Effort.LOW)
    run.begin(0.0)
    run.give_up()
    run.take(AnswerDelta("late", 1), 1.0)
    assert (run.state, run.answer_tokens) == (State.STOPPED, 0)


def test_a_run_that_failed_says_why() -> None:
    run = Run(Effort.LOW)
    run.take(TurnFailed(NoRoom("Too long.")), 1.0)
    run.give_up()
    assert (run.state, str(run.error)) == (State.FAILED, "Too long.")
