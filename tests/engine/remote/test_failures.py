"""Whatever a server or the network does: one of this program's errors, and what came is kept."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from chat_tui.conversation import Message, Prompt, user
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.remote import lines
from chat_tui.engine.remote.address import parse_address
from chat_tui.engine.remote.engine import RemoteEngine
from chat_tui.engine.remote.http import Link
from chat_tui.errors import ChatError, EngineCrashed, EngineError, LoadError, PromptTooLong
from chat_tui.events import AnswerDelta, GenerationEnded, MessageCompleted, StopReason
from chat_tui.harmony.vocabulary import Vocabulary
from tests.engine.remote.conftest import Connect
from tests.engine.remote.stand_in import (
    SSE,
    Reply,
    StandIn,
    event,
    line,
    llama_server,
    lm_studio,
    ollama,
    told,
    vllm,
)
from tests.engine.remote.test_servers import PLAIN, TOLD, completed, generate, loaded

KEY = "not-to-be-seen-anywhere"
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>\x1b[2Jnginx</body></html>"


def failed(engine: RemoteEngine, prompt: Prompt = TOLD) -> tuple[list[Any], ChatError]:
    """What came until an error did."""
    came: list[Any] = []
    try:
        for one in engine.generate(prompt, GenerateOptions(), Cancel()):
            came.append(one)  # noqa: PERF402 - what came before the error is wanted
    except ChatError as error:
        return came, error
    raise AssertionError(came)


def spoken(error: ChatError) -> str:
    """All words of it, which have to be there and to be harmless."""
    text = str(error)
    assert error.message
    assert error.hint
    assert KEY not in text
    assert "\x1b" not in text
    return text


BEGUN = [
    ("<|channel|>", 200_005),
    ("final", 17_196),
    ("<|message|>", 200_008),
    ("Half", 50_277),
]


def half() -> list[bytes]:
    """The beginning of an answer of llama.cpp's server."""
    return [event({"content": text, "tokens": [id_], "stop": False}) for text, id_ in BEGUN]


@pytest.mark.parametrize(
    "rest",
    [
        [],
        [b'data: {"content": "and th'],
        [b"data: \xff\xfe\n\n"],
        [b"data: no JSON\n\n"],
        [b"data: [1, 2]\n\n"],
        [event({"error": {"code": 500, "message": f"out of \x1b[2Jmemory, {KEY}"}})],
        [b'error: {"code": 500, "message": "out of memory"}\n\n'],
        [b"data: " + b"[" * 100_000 + b"\n\n"],
    ],
)
@pytest.mark.parametrize("cut", [True, False])
def test_an_answer_that_breaks_off_is_kept_and_told(
    rest: list[bytes], cut: bool, vocabulary: Vocabulary, connect: Connect
) -> None:
    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = Reply([*half(), *rest], headers=SSE, cut=cut)
        engine = connect(server, key=KEY)
        came, error = failed(engine)
        assert isinstance(error, EngineCrashed)
        spoken(error)
        (message,) = completed(came)
        assert message.interrupted
        assert message.content == vocabulary.decode([50_277])
        server.pages["/completion"] = Reply(
            [*half(), event({"content": "", "tokens": [], "stop": True, "stop_type": "eos"})],
            headers=SSE,
        )
        assert completed(generate(engine))[0].interrupted is False  # and it goes on


def test_a_line_that_never_ends_is_given_up(
    vocabulary: Vocabulary, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines.Lines.__init__, "__defaults__", (1 << 16,))
    monkeypatch.setattr(lines.ServerEvents.__init__, "__defaults__", (1 << 16,))

    def endless() -> Iterator[bytes]:
        yield from half()
        while True:
            yield b"x" * 4096

    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = Reply(endless(), headers=SSE)
        came, error = failed(connect(server))
    assert "never ends" in spoken(error)
    assert completed(came)[0].interrupted


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply([HTML], 502, {"Content-Type": "text/html"}), EngineError, "502 Bad Gateway"),
        (told({"error": {"message": "Slot busy"}}, 503), EngineError, "Slot busy"),
        (told({"error": "slow down"}, 429), EngineError, "too much to do"),
        (told({"detail": "Invalid API key"}, 401), EngineError, "CHAT_TUI_ENGINE_KEY"),
        (told({"error": f"bad key {KEY}"}, 403), EngineError, "does not let"),
        (told({"error": {"message": "model 'x' not found"}}, 404), EngineError, "--engine-model"),
        (told({"detail": [{"msg": "Field required"}]}, 422), EngineError, "Field required"),
        (Reply([], 500), EngineError, "(500)"),
        (Reply([b"\xff\x00"], 418), EngineError, "(418)"),
        (
            Reply([], 307, {"Location": "http://evil.example/completion"}),
            EngineError,
            "http://evil.example/completion",
        ),
        (
            told({"error": {"type": "exceed_context_size_error", "n_ctx": 4096}}, 400),
            PromptTooLong,
            "4,096 tokens",
        ),
        (Reply([HTML], 200, {"Content-Type": "text/html"}), EngineError, "page for people"),
        (Reply([], 200, SSE), EngineError, "broke off"),
        (Reply([], 200, SSE, cut=True), EngineError, "broke off"),
    ],
)
def test_a_refusal_is_an_error_with_a_hint(
    reply: Reply, kind: type, words: str, vocabulary: Vocabulary, connect: Connect
) -> None:
    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = reply
        came, error = failed(connect(server, key=KEY))
    assert isinstance(error, kind)
    assert words in spoken(error)
    assert not [one for one in came if isinstance(one, MessageCompleted | GenerationEnded)]


def test_who_asks_to_wait_is_quoted(vocabulary: Vocabulary, connect: Connect) -> None:
    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = Reply([], 429, {"Retry-After": "20"})
        _, error = failed(connect(server))
    assert "20 s" in error.hint


def test_a_prompt_longer_than_the_context_is_not_sent(
    vocabulary: Vocabulary, connect: Connect
) -> None:
    with llama_server([PLAIN], vocabulary, context=64) as server:
        _, error = failed(connect(server), Prompt((user("word " * 99),)))
        assert server.posted("/completion") == []
    assert isinstance(error, PromptTooLong)


def test_the_key_is_sent_and_shown_nowhere(vocabulary: Vocabulary, connect: Connect) -> None:
    with llama_server([PLAIN], vocabulary) as server:
        engine = connect(server, key=KEY)
        model = loaded(engine)
        generate(engine)
        sent = {one.headers.get("Authorization") for one in server.asked}
    assert sent == {f"Bearer {KEY}"}
    assert KEY not in repr(model)
    assert KEY not in repr(Link(parse_address("h"), KEY))


@pytest.mark.parametrize("key", ["two\nlines", "nul\0", "blank in it", "ключ"])
def test_a_key_that_is_none_is_refused_unseen(key: str, connect: Connect) -> None:
    with pytest.raises(ChatError) as caught:
        connect("localhost", key=key)
    assert key not in str(caught.value)


def test_cancel_ends_an_answer_at_once_and_keeps_what_came(
    vocabulary: Vocabulary, connect: Connect
) -> None:
    gone = threading.Event()

    def slow() -> Iterator[bytes]:
        yield from half()
        gone.wait(20)

    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = Reply(slow(), headers=SSE)
        engine, cancel = connect(server), Cancel()
        loaded(engine)
        came: list[Any] = []
        for one in engine.generate(TOLD, GenerateOptions(), cancel):
            came.append(one)
            if isinstance(one, AnswerDelta):
                cancel.set()
        gone.set()
    assert completed(came)[0].interrupted
    assert came[-1].reason is StopReason.CANCELLED


def test_close_from_another_thread_ends_an_answer(vocabulary: Vocabulary, connect: Connect) -> None:
    gone = threading.Event()

    def slow() -> Iterator[bytes]:
        yield from half()
        gone.wait(20)

    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = Reply(slow(), headers=SSE)
        engine = connect(server)
        loaded(engine)
        came: list[Any] = []
        for one in engine.generate(TOLD, GenerateOptions(), Cancel()):
            came.append(one)
            if isinstance(one, AnswerDelta):
                threading.Thread(target=engine.close).start()
        gone.set()
    assert came[-1].reason is StopReason.CANCELLED
    assert engine.model is None


def test_a_silent_server_is_given_up(vocabulary: Vocabulary) -> None:
    gone = threading.Event()

    def silent() -> Iterator[bytes]:
        yield from half()
        gone.wait(20)

    with llama_server([PLAIN], vocabulary) as server:
        server.pages["/completion"] = Reply(silent(), headers=SSE)
        link = Link(parse_address(server.address), silence=0.3)
        with closing(RemoteEngine(link, vocabulary=lambda: vocabulary)) as engine:
            came, error = failed(engine)
        gone.set()
    assert "silent" in spoken(error)
    assert completed(came)[0].interrupted


def test_a_server_that_has_gone_is_looked_for_again(
    vocabulary: Vocabulary, connect: Connect
) -> None:
    server = llama_server([PLAIN], vocabulary)
    engine = connect(server)
    loaded(engine)
    server.close()
    _, error = failed(engine)
    assert isinstance(error, LoadError)
    assert "Nothing listens" in spoken(error)
    assert engine.model is None


@contextmanager
def listener(answer: bytes) -> Iterator[str]:
    """Something that answers each connection with these bytes and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.settimeout(10)

        def serve() -> None:
            for _ in range(2):
                try:
                    connection, _ = waiting.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(1)
                    try:
                        connection.recv(1 << 16)
                        connection.sendall(answer)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{waiting.getsockname()[1]}"


@pytest.mark.parametrize(
    ("address", "answer", "words"),
    [
        ("http://{}", b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTP"),
        ("http://{}", b"", "does not speak HTTP"),
        ("http://{}", b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000, "does not speak HTTP"),
        ("https://{}", b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"),
    ],
)
def test_what_is_no_server_of_the_web_is_told(
    address: str, answer: bytes, words: str, connect: Connect
) -> None:
    with listener(answer) as place, pytest.raises(LoadError) as caught:
        list(connect(address.format(place)).load())
    assert words in spoken(caught.value)


def test_no_such_host_is_told(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(LoadError, match=r"no host models\.example"):
        list(connect("https://models.example").load())


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({}, "no server of models"),
        ({"/props": Reply([HTML], 200, {"Content-Type": "text/html"})}, "no server of models"),
        ({"/v1/models": told({"data": "none"})}, "no server of models"),
        ({"/v1/models": told([1])}, "no server of models"),
        ({"/props": told({}, 401)}, "wants a key"),
        ({"/v1/models": Reply([], 301, {"Location": "https://x.example"})}, "https://x.example"),
        ({"/v1/models": told({"data": [{"id": "llama-3"}]})}, "has no gpt-oss"),
        (
            {
                "/v1/models": told({"data": [{"id": "q", "owned_by": "vllm"}]}),
                "/tokenize": told({"tokens": [27, 91]}),
            },
            "another vocabulary",
        ),
        (
            {
                "/props": told({"default_generation_settings": {"n_ctx": 4096}}),
                "/v1/models": told({"data": [{"id": "q", "meta": {"n_vocab": 32_000}}]}),
            },
            "another vocabulary",
        ),
    ],
)
def test_what_is_no_server_of_gpt_oss_is_told(
    pages: dict[str, Reply], words: str, connect: Connect
) -> None:
    with StandIn(pages) as server, pytest.raises(EngineError) as caught:
        list(connect(server).load())
    assert words in spoken(caught.value)


def test_a_model_that_is_not_there_is_told_with_those_that_are(
    vocabulary: Vocabulary, connect: Connect
) -> None:
    servers = [ollama([[]]), lm_studio([[]]), vllm([PLAIN], vocabulary)]
    for server in servers:
        with server, pytest.raises(LoadError) as caught:
            list(connect(server, model="gpt-oss:9000b").load())
        assert "gpt-oss" in caught.value.hint


def test_a_server_that_is_still_loading_is_waited_for(
    vocabulary: Vocabulary, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.engine.remote.probe._AGAIN", 0.05)
    with llama_server([PLAIN], vocabulary) as server:
        props, calls = server.pages["/props"], []

        def busy(_request: Any) -> Reply:
            calls.append(1)
            loading = {"error": {"code": 503, "message": "Loading model"}}
            return told(loading, 503) if len(calls) < 3 else props  # type: ignore[return-value]

        server.pages["/props"] = busy
        assert loaded(connect(server)).context == 8192
        assert len(calls) == 3


def test_ollama_that_fails_in_the_middle_keeps_what_came(connect: Connect) -> None:
    with ollama([[]]) as server:
        begun = [
            line({"message": {"thinking": "So"}, "done": False}),
            line({"message": {"content": "Well, "}, "done": False}),
        ]
        trouble = {"error": "an error was encountered while running the model"}
        server.pages["/api/chat"] = Reply([*begun, line(trouble)])
        came, error = failed(connect(server))
    assert "while running the model" in spoken(error)
    thought, answer = completed(came)
    assert (thought.content, thought.interrupted) == ("So", False)
    assert (answer.content, answer.interrupted) == ("Well, ", True)


def test_an_answer_that_is_done_without_a_reason_was_cut(connect: Connect) -> None:
    """llama-cpp-python's server ends one request so where another one comes."""
    chunk = {"choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": None}]}
    with lm_studio([[]]) as server:
        done = [event(chunk), b"data: [DONE]\n\n"]
        server.pages["/v1/chat/completions"] = Reply(done, headers=SSE)
        came, error = failed(connect(server))
    assert isinstance(error, EngineCrashed)
    assert completed(came)[0].interrupted


def test_a_server_of_messages_cannot_go_on_inside_of_one(connect: Connect) -> None:
    cut = Message(*_cut())
    with ollama([[]]) as server:
        prompt = Prompt((user("Hello"), cut), continues=True)
        _, error = failed(connect(server), prompt)
    assert "cannot go on" in spoken(error)


def _cut() -> tuple[Any, ...]:
    from chat_tui.conversation import FINAL, Role

    return Role.ASSISTANT, "Half an ans", FINAL


def test_nothing_is_connected_before_it_is_asked_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    engine = connect("https://models.example")
    assert engine.host == "models.example"
    assert engine.model is None
    engine.prime(TOLD)
    engine.leave()
    with pytest.raises(EngineError):
        engine.cost(TOLD)


def test_no_proxy_is_used(
    vocabulary: Vocabulary, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with llama_server([PLAIN], vocabulary) as server:
        assert loaded(connect(server)).context == 8192


def test_half_a_character_arrives_whole(vocabulary: Vocabulary, connect: Connect) -> None:
    """The stream is cut anywhere, inside of characters and of events."""
    with llama_server([PLAIN], vocabulary) as server:
        request = {"prompt": [1] * 57, "n_predict": -1}
        page = server.pages["/completion"]
        reply = page(_Asked(request))  # type: ignore[operator,arg-type]
        whole = b"".join(reply.chunks)
        pieces = [whole[at : at + 7] for at in range(0, len(whole), 7)]
        server.pages["/completion"] = Reply(pieces, headers=SSE)
        messages = completed(generate(connect(server)))
    assert messages[-1].content == "Grüß dich, 世界! 🦙"


class _Asked:
    def __init__(self, body: Any) -> None:
        self.body = body


def test_a_server_that_never_stops_is_left(vocabulary: Vocabulary, connect: Connect) -> None:
    def words(begin: list[bytes], more: bytes) -> Iterator[bytes]:
        yield from begin
        while True:
            yield more * 50

    options = GenerateOptions(max_tokens=300)
    with llama_server([PLAIN], vocabulary) as server:
        more = event({"content": " on", "tokens": [402], "stop": False})
        server.pages["/completion"] = Reply(words(half(), more), headers=SSE)
        came = list(connect(server).generate(TOLD, options, Cancel()))
    assert came[-1].reason is StopReason.LENGTH
    with ollama([[]]) as server:
        more = line({"message": {"content": " on"}, "done": False})
        server.pages["/api/chat"] = Reply(words([], more))
        came = list(connect(server).generate(TOLD, options, Cancel()))
    assert came[-1].reason is StopReason.LENGTH
    assert came[-1].usage.answer_tokens == 300
