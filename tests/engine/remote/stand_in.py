"""Servers on loopback that say what the real ones say, byte for byte as they cut it.

What they answer is written after the documentation of llama.cpp, vLLM, Ollama and LM Studio; the
model in them is a list of completions in harmony's markup.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chat_tui.harmony.tokens import NAMES, Control, scan
from chat_tui.harmony.vocabulary import Vocabulary

SSE = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}
MODEL = "gpt-oss-20b"


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Reply:
    """What is answered; each chunk is sent by itself."""

    chunks: Iterable[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    cut: bool = False
    """Whether the connection breaks off behind the last chunk."""
    pause: float = 0.0
    """Seconds before each chunk."""


Answerer = Callable[[Request], Reply]


def told(value: object, status: int = 200) -> Reply:
    """A whole answer in JSON."""
    return Reply([json.dumps(value).encode()], status)


class StandIn:
    """A server; ``pages`` maps a path to what answers there."""

    def __init__(self, pages: Mapping[str, Reply | Answerer]) -> None:
        self.pages = dict(pages)
        self.asked: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._server.shutdown()
        self._server.server_close()

    def posted(self, path: str) -> list[Any]:
        """The bodies that were sent there."""
        return [one.body for one in self.asked if one.path == path and one.method == "POST"]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self._answer(json.loads(self.rfile.read(length)))

            def _answer(self, body: Any) -> None:
                request = Request(self.command, self.path, dict(self.headers), body)
                outer.asked.append(request)
                page = outer.pages.get(self.path, told({"error": {"message": "Not found"}}, 404))
                reply = page if isinstance(page, Reply) else page(request)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Transfer-Encoding", "chunked")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                try:
                    for chunk in reply.chunks:
                        if reply.pause:
                            time.sleep(reply.pause)
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                        self.wfile.flush()
                    if not reply.cut:
                        self.wfile.write(b"0\r\n\r\n")
                except OSError:
                    return  # whoever asked has gone

        return Handler


def event(value: object) -> bytes:
    """A server-sent event."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def line(value: object) -> bytes:
    """A line of JSON."""
    return f"{json.dumps(value, ensure_ascii=False)}\n".encode()


_IDS = {name: token for token, name in NAMES.items()}


def tokens_of(text: str, vocabulary: Vocabulary) -> list[int]:
    """The tokens of text with markup."""
    found: list[int] = []
    for piece in scan(text):
        found += [piece.value] if isinstance(piece, Control) else vocabulary.encode(piece.decode())
    return found


def shown(tokens: Sequence[int], vocabulary: Vocabulary, hidden: Sequence[str]) -> Iterator[Any]:
    """``(text, tokens)`` as llama.cpp hands them on: half a character is kept back.

    ``hidden`` are control tokens that it spells as nothing.
    """
    kept: list[int] = []
    raw = b""
    for token in tokens:
        piece = vocabulary.piece(token)
        spelled = vocabulary.decode([token])
        raw += piece if isinstance(piece, bytes) else b"" if spelled in hidden else spelled.encode()
        kept.append(token)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            continue
        yield text, kept
        kept, raw = [], b""


class Completions:
    """The model in a stand-in: one completion after the other, the last one again and again."""

    def __init__(self, texts: Sequence[str], vocabulary: Vocabulary) -> None:
        self._texts = list(texts)
        self.vocabulary = vocabulary

    def next(self) -> list[int]:
        """The tokens of the next one."""
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        return tokens_of(text, self.vocabulary)


def llama_server(texts: Sequence[str], vocabulary: Vocabulary, context: int = 8192) -> StandIn:
    """llama.cpp's own server."""
    model = Completions(texts, vocabulary)

    def complete(request: Request) -> Reply:
        asked = request.body
        tokens, total = model.next(), len(asked["prompt"])
        limit = len(tokens) if asked["n_predict"] < 0 else asked["n_predict"]
        common = {"index": 0, "stop": False, "id_slot": 0, "tokens_evaluated": total}

        def chunks() -> Iterator[bytes]:
            for done in (total // 2, total):
                progress = {"total": total, "cache": 3, "processed": done, "time_ms": 5}
                yield event({**common, "content": "", "tokens": [0], "prompt_progress": progress})
            hidden = ("<|return|>", "<|call|>", "<|endoftext|>")
            for text, ids in shown(tokens[:limit], vocabulary, hidden):
                yield event({**common, "content": text, "tokens": ids[-1:]})
            stop = "limit" if limit < len(tokens) else "eos"
            last = {"content": "", "tokens": [], "stop": True, "stop_type": stop}
            yield event({**last, "truncated": False, "timings": {"cache_n": 3, "prompt_n": total}})

        return Reply(chunks(), headers=SSE)

    about = {"n_vocab": 201_088, "n_ctx": context, "n_ctx_train": 131_072, "size": 12_109_566_560}
    return StandIn(
        {
            "/props": told(
                {
                    "default_generation_settings": {"n_ctx": context, "params": {}},
                    "total_slots": 1,
                    "model_alias": MODEL,
                    "model_path": "/models/gpt-oss-20b-mxfp4.gguf",
                }
            ),
            "/v1/models": told(
                {"data": [{"id": MODEL, "object": "model", "owned_by": "llamacpp", "meta": about}]}
            ),
            "/completion": complete,
        }
    )


def vllm(
    texts: Sequence[str], vocabulary: Vocabulary, *, tells_ids: bool = True, context: int = 8192
) -> StandIn:
    """vLLM; one of before 0.10.2 does not tell the ids."""
    model = Completions(texts, vocabulary)

    def complete(request: Request) -> Reply:
        asked = request.body
        tokens, total = model.next(), len(asked["prompt"])
        limit = min(len(tokens), asked["max_tokens"])
        stopped = tokens[limit - 1] if limit == len(tokens) else None

        def chunks() -> Iterator[bytes]:
            for text, ids in shown(tokens[:limit], vocabulary, ("<|return|>", "<|call|>")):
                over = ids[-1] == stopped and stopped in (200_002, 200_012)
                choice: dict[str, Any] = {"index": 0, "text": text, "finish_reason": None}
                if tells_ids:
                    choice["token_ids"] = ids
                if over:
                    choice |= {"finish_reason": "stop", "stop_reason": stopped}
                yield event({"object": "text_completion", "choices": [choice], "usage": None})
            if limit < len(tokens):
                choice = {"index": 0, "text": "", "finish_reason": "length", "stop_reason": None}
                yield event({"choices": [choice]})
            details = {"cached_tokens": 16}
            usage = {"prompt_tokens": total, "prompt_tokens_details": details}
            yield event({"choices": [], "usage": usage})
            yield b"data: [DONE]\n\n"

        return Reply(chunks(), headers=SSE)

    model_card = {"id": "openai/gpt-oss-20b", "owned_by": "vllm", "max_model_len": context}
    return StandIn(
        {
            "/v1/models": told({"object": "list", "data": [model_card]}),
            "/tokenize": told({"count": 3, "tokens": [200_006, 173_781, 200_005]}),
            "/v1/completions": complete,
        }
    )


def ollama(replies: Sequence[Sequence[Mapping[str, Any]]]) -> StandIn:
    """Ollama; each reply is the messages of its stream."""
    left = list(replies)

    def chat(_request: Request) -> Reply:
        messages = left.pop(0) if len(left) > 1 else left[0]

        def chunks() -> Iterator[bytes]:
            for message in messages:
                whole = {"role": "assistant", "content": "", **message}
                yield line({"model": "gpt-oss:20b", "message": whole, "done": False})
            last = {"done": True, "done_reason": "stop", "prompt_eval_count": 70, "eval_count": 21}
            yield line({"message": {"role": "assistant", "content": ""}, **last})

        return Reply(chunks(), headers={"Content-Type": "application/x-ndjson"})

    listed = [{"name": "llama3.2:latest"}, {"name": "gpt-oss:20b", "size": 13_780_173_839}]
    return StandIn(
        {
            "/api/version": told({"version": "0.12.6"}),
            "/api/tags": told({"models": listed}),
            "/api/show": told({"model_info": {"gptoss.context_length": 131_072}}),
            "/api/ps": told({"models": []}),
            "/api/chat": chat,
        }
    )


def lm_studio(replies: Sequence[Sequence[Mapping[str, Any]]]) -> StandIn:
    """LM Studio; each reply is the deltas of its stream."""
    left = list(replies)

    def chat(_request: Request) -> Reply:
        deltas = left.pop(0) if len(left) > 1 else left[0]

        def chunks() -> Iterator[bytes]:
            for delta in deltas:
                choice = {"index": 0, "delta": delta, "finish_reason": None}
                yield event({"object": "chat.completion.chunk", "choices": [choice]})
            reason = "tool_calls" if any("tool_calls" in one for one in deltas) else "stop"
            yield event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
            yield event({"choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 21}})
            yield b"data: [DONE]\n\n"

        return Reply(chunks(), headers=SSE)

    model = {"id": "openai/gpt-oss-20b", "type": "llm", "arch": "gpt_oss", "state": "loaded"}
    context = {"max_context_length": 131_072, "loaded_context_length": 8192}
    return StandIn(
        {
            # It answers paths that it does not know with an error and the status 200.
            "/props": told({"error": "Unexpected endpoint or method. (GET /props)"}),
            "/api/version": told({"error": "Unexpected endpoint or method. (GET /api/version)"}),
            "/api/v0/models": told({"object": "list", "data": [model | context]}),
            "/v1/chat/completions": chat,
        }
    )
