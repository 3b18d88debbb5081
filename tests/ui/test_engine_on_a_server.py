"""A conversation on the screen with a model on a server that breaks off, goes, and comes back."""

from __future__ import annotations

from contextlib import closing

from chat_tui.engine.remote.build import engine_at
from chat_tui.harmony.vocabulary import Vocabulary
from tests.engine.remote.stand_in import SSE, Reply, event, llama_server
from tests.harmony.conftest import ranks_file, vocabulary  # noqa: F401 - fixtures
from tests.ui.screen import Stage, harmony

HALF = [("<|channel|>", 200_005), ("final", 17_196), ("<|message|>", 200_008), ("Half", 50_277)]


def test_what_came_stays_and_the_next_question_is_answered(
    vocabulary: Vocabulary,  # noqa: F811 - it is that fixture
) -> None:
    with llama_server([harmony("Back again.")], vocabulary) as server:
        whole = server.pages["/completion"]
        cut = [event({"content": text, "tokens": [id_], "stop": False}) for text, id_ in HALF]
        server.pages["/completion"] = Reply(cut, headers=SSE, cut=True)
        engine = engine_at(server.address, vocabulary=lambda: vocabulary)

        async def scenario(stage: Stage) -> None:
            await stage.shows("gpt-oss-20b", "llama.cpp server", "offline")  # it is on loopback
            await stage.send("Question")
            await stage.shows(vocabulary.decode([50_277]), "broke off", "ready")
            server.pages["/completion"] = whole
            await stage.ask("And now?", "Back again.")

        with closing(engine):
            Stage(engine=engine).play(scenario)
