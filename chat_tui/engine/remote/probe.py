"""Which server it is: by asking for what only one of them has, never by its port.

Knows what servers say of themselves. Asked are ``/props`` (llama.cpp), ``/api/version`` (Ollama),
``/api/v0/models`` (LM Studio) and ``/v1/models`` (the others); nothing is changed there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from typing import Any

from chat_tui.engine.remote.complaints import own_words, refused, unreachable, with_words
from chat_tui.engine.remote.http import Link, Whole, fetch
from chat_tui.engine.remote.lines import count_in, encoded, rows, table, text_in
from chat_tui.engine.remote.llama_python import LlamaPython
from chat_tui.engine.remote.llama_server import LlamaServer
from chat_tui.engine.remote.ollama import Ollama
from chat_tui.engine.remote.openai_chat import OpenAIChat
from chat_tui.engine.remote.values import Found
from chat_tui.engine.remote.vllm import Vllm
from chat_tui.errors import EngineError, LoadError
from chat_tui.harmony.tokens import ASSISTANT, CHANNEL, START, VOCABULARY_SIZE
from chat_tui.language import _
from chat_tui.untrusted import clean_line

TRAINED = 131_072
"""Tokens that gpt-oss was made for."""
OLLAMA_CONTEXT = 32_768
"""Tokens asked of Ollama where nobody says: its own default cuts conversations short."""
LOADING = 600.0
"""Seconds that a server may say that it is still loading."""
_AGAIN = 1.0

_SPELLED = "<|start|>assistant<|channel|>"
_TOKENS = [START, ASSISTANT, CHANNEL]
_NAMES = ("gpt-oss", "gpt_oss", "gptoss")
_SHOWN = 12
"""Models that an error lists."""

Answers = Generator[None, None, Whole]


def probe(
    link: Link, wanted: str = "", context: int | None = None, *, largest: bool = False
) -> Generator[None, None, Found]:
    """What is at an address; yields while it waits. Raises LoadError or another EngineError.

    ``wanted`` is a model's name, empty for the one that is there, or the first gpt-oss of many.
    ``context`` is what to ask for where the server lets one ask, ``largest`` to take all there is.
    """
    props = yield from _ready(link)
    if _json(props).get("default_generation_settings") is not None:
        return (yield from _llama_server(link, _json(props)))
    version = yield from _get(link, "/api/version")
    if text_in(_json(version).get("version")):
        return (yield from _ollama(link, wanted, context, largest=largest))
    native = yield from _get(link, "/api/v0/models")
    if any("max_context_length" in one for one in rows(_json(native).get("data"))):
        return _lm_studio(link, rows(_json(native).get("data")), wanted)
    models = yield from _get(link, "/v1/models")
    if models.status != 200:
        raise _no_server(link, models)
    listed = rows(_json(models).get("data"))
    if not listed:
        raise _no_server(link, models)
    return (yield from _openai_like(link, listed, wanted))


def _ready(link: Link) -> Answers:
    """The answer to the first question, once the server no longer says that it is loading."""
    began = time.monotonic()
    while True:
        answer = yield from _get(link, "/props")
        if answer.status != 503 or time.monotonic() - began > LOADING:
            break
        again = time.monotonic() + _AGAIN
        while time.monotonic() < again:
            yield
            time.sleep(0.02)
    if answer.status in (401, 403, 429, 503):
        raise refused(answer.status, answer.headers, answer.body, link.address, link.key)
    return answer


def _get(link: Link, path: str) -> Answers:
    return (yield from _asked(link, "GET", path))


def _asked(link: Link, method: str, path: str, body: dict[str, Any] | None = None) -> Answers:
    came = yield from fetch(link, method, path, None if body is None else encoded(body))
    if isinstance(came, Exception):
        raise unreachable(came, link.address) from came
    if 300 <= came.status < 400 or came.status in (401, 403):
        raise refused(came.status, came.headers, came.body, link.address, link.key)
    return came


def _json(answer: Whole) -> dict[str, Any]:
    """The object in an answer; empty where it is none, or an error."""
    if answer.status != 200:
        return {}
    try:
        return table(json.loads(answer.body))
    except (ValueError, RecursionError):
        return {}


def _llama_server(link: Link, props: dict[str, Any]) -> Generator[None, None, Found]:
    answer = yield from _get(link, "/v1/models")
    first = next(iter(rows(_json(answer).get("data"))), {})
    about = table(first.get("meta"))
    words = count_in(about.get("n_vocab"))
    if words is not None and words != VOCABULARY_SIZE:
        raise _other_vocabulary(link)
    settings = table(props.get("default_generation_settings"))
    context = count_in(settings.get("n_ctx")) or count_in(about.get("n_ctx"))
    path = text_in(props.get("model_path")) or text_in(first.get("id"))
    name = text_in(props.get("model_alias")) or path or _("a model")
    return Found(
        *(LlamaServer(), name, context or TRAINED, context is not None),
        size_bytes=count_in(about.get("size")) or 0,
    )


def _ollama(
    link: Link, wanted: str, context: int | None, *, largest: bool
) -> Generator[None, None, Found]:
    answer = yield from _get(link, "/api/tags")
    models = {text_in(one.get("name")): one for one in rows(_json(answer).get("models"))}
    names = [*models, *(name.removesuffix(":latest") for name in models)]
    name = _chosen(link, names, wanted, hint="ollama pull gpt-oss:20b")
    about = _json((yield from _asked(link, "POST", "/api/show", {"model": name})))
    info = table(about.get("model_info"))
    lengths = (count_in(value) for key, value in info.items() if key.endswith(".context_length"))
    trained = next((length for length in lengths if length), TRAINED)
    running = rows(_json((yield from _get(link, "/api/ps"))).get("models"))
    loaded = (count_in(one.get("context_length")) for one in running if one.get("name") == name)
    now = trained if largest else context or next(filter(None, loaded), OLLAMA_CONTEXT)
    size = count_in(models.get(name, {}).get("size")) or 0
    return Found(Ollama(), name, min(now, trained), trained=trained, size_bytes=size)


def _lm_studio(link: Link, models: list[dict[str, Any]], wanted: str) -> Found:
    able = [one for one in models if one.get("type") in (None, "llm", "vlm")]
    able.sort(key=lambda one: one.get("state") != "loaded")
    name = _chosen(link, [text_in(one.get("id")) for one in able], wanted)
    about = next(one for one in able if one.get("id") == name)
    loaded = count_in(about.get("loaded_context_length"))
    most = count_in(about.get("max_context_length")) or TRAINED
    return Found(OpenAIChat("LM Studio"), name, loaded or most, loaded is not None)


def _openai_like(
    link: Link, listed: list[dict[str, Any]], wanted: str
) -> Generator[None, None, Found]:
    names = [text_in(one.get("id")) for one in listed]
    owners = {text_in(one.get("owned_by")) for one in listed}
    only = len(names) == 1
    if "vllm" in owners:
        name = _chosen(link, names, wanted, any_one=only)
        about = next(one for one in listed if one.get("id") == name)
        context = count_in(about.get("max_model_len"))
        question = {"model": name, "prompt": _SPELLED, "add_special_tokens": False}
        yield from _same_vocabulary(link, "/tokenize", question)
        return Found(Vllm(), name, context or TRAINED, context is not None)
    if "llamacpp" in owners:
        return (yield from _llama_server(link, {}))
    about = _json((yield from _get(link, "/openapi.json")))
    if "llama.cpp Python" in text_in(table(about.get("info")).get("title")):
        name = _chosen(link, names, wanted, any_one=only)
        yield from _same_vocabulary(link, "/extras/tokenize", {"input": _SPELLED})
        return Found(LlamaPython(), name, TRAINED, context_known=False)
    name = _chosen(link, names, wanted)
    return Found(OpenAIChat(), name, TRAINED, context_known=False)


def _same_vocabulary(
    link: Link, path: str, question: dict[str, Any]
) -> Generator[None, None, None]:
    """Raise LoadError where the server reads harmony's markup as something else.

    Where it does not answer the question, nothing is known and it goes on.
    """
    answer = yield from _asked(link, "POST", path, question)
    told = _json(answer).get("tokens")
    if isinstance(told, list) and told not in (_TOKENS, [199_998, *_TOKENS]):
        raise _other_vocabulary(link)


def _chosen(
    link: Link, names: list[str], wanted: str, *, any_one: bool = False, hint: str = ""
) -> str:
    """The model to ask for."""
    names = [name for name in names if name]
    if wanted:
        if wanted in names:
            return wanted
        raise LoadError(
            _("{server} has no model {name}.").format(
                server=link.address.place, name=clean_line(wanted)
            ),
            _there_are(names),
        )
    known = [name for name in names if any(part in name.lower() for part in _NAMES)]
    if known or (any_one and names):
        return (known or names)[0]
    raise LoadError(
        _("{server} has no gpt-oss.").format(server=link.address.place) + f" {_there_are(names)}",
        _("{advice}; or name another model: --engine-model NAME.").format(
            advice=hint or _("Load one there")
        ),
    )


def _there_are(names: list[str]) -> str:
    shown = ", ".join(clean_line(name)[:80] for name in dict.fromkeys(names[:_SHOWN]))
    more = ", …" if len(names) > _SHOWN else ""
    return _("There are: {names}.").format(names=shown + more) if shown else _("It lists none.")


def _other_vocabulary(link: Link) -> LoadError:
    return LoadError(
        _("The model at {server} is no gpt-oss: it has another vocabulary.").format(
            server=link.address.place
        ),
        _("Start the server with a gpt-oss model."),
    )


def _no_server(link: Link, answer: Whole) -> EngineError:
    said = own_words(answer.body, link.key)
    what = _("{server} answers, but it is no server of models that is known here.")
    return LoadError(
        with_words(what.format(server=link.address.place), said[:120]),
        _(
            "Known are llama.cpp, llama-cpp-python, vLLM, Ollama, LM Studio and what speaks like"
            " OpenAI's API."
        ),
    )
