"""The command line, and the one place where objects are built: settings → engine → session → face.

Knows every part by name and none by heart: each command imports what it needs when it runs, so
that `chat-tui --help` and the first paint do not wait for what they do not use.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from chat_tui.command_line import parser
from chat_tui.conversation import Effort
from chat_tui.engine.protocol import GenerateOptions, LoadOptions, Sampling
from chat_tui.errors import ChatError, InputError, SettingsError, StoreError, UsageError
from chat_tui.memory import Memory
from chat_tui.model_settings import chosen_model, still_there
from chat_tui.paths import Paths, user_paths
from chat_tui.plain.ask import Output, describe, exit_code
from chat_tui.settings import (
    Settings,
    Switch,
    ToolMode,
    load_settings,
    with_remembered,
)
from chat_tui.untrusted import clean

if TYPE_CHECKING:
    from chat_tui.doctor.facts import Facts
    from chat_tui.engine.client import ChildEngine
    from chat_tui.engine.protocol import Engine
    from chat_tui.preferences.file import SettingsFile
    from chat_tui.session.chat import Chat
    from chat_tui.session.shelf import Shelf
    from chat_tui.session.toolset import Toolset


ENGINE_KEY = "CHAT_TUI_ENGINE_KEY"
"""The environment variable that holds a server's key; it goes before the settings."""
_HERE = "local"
"""What ``--engine`` says where the settings name a server and this machine is meant."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a command works with: where things lie, what is set, and the parsed words."""

    paths: Paths
    settings: Settings
    memory: Memory
    words: argparse.Namespace
    wrong: str = ""
    """Why the settings are not those of the file; empty where they are."""

    def settings_file(self) -> SettingsFile:
        """The file that the user, or a face for them, writes."""
        from chat_tui.preferences.file import SettingsFile

        def forget(name: str) -> None:
            self.memory.forget(name.removesuffix(".view"))

        def themes() -> Sequence[str]:
            from chat_tui.ui.themes import Wardrobe

            return Wardrobe(self.paths.themes).names

        return SettingsFile(self.paths.settings, forget, {"theme": themes})

    def model(self) -> Path:
        """The model file to use: the one named, the one set, else the embedded one."""
        from chat_tui.demo.embedded import embedded_model

        if self.settings.model is None:
            return embedded_model(self.paths.cache)
        return still_there(self.settings.model, self.memory.values)

    def engine(self, model: Path | None = None, *, keeps_states: bool = True) -> Engine:
        """An engine for that model, else the one to use; nothing is loaded yet.

        ``keeps_states``: what it reads is kept on disk, for the next start.
        """
        settings = self.settings
        if model is not None or not settings.engine:
            return self.local_engine(model, keeps_states=keeps_states)
        from chat_tui.demo.embedded import embedded_model
        from chat_tui.engine.remote.build import engine_at, vocabulary_from

        cache = self.paths.cache
        return engine_at(
            settings.engine,
            vocabulary=lambda: vocabulary_from(cache, lambda: embedded_model(cache)),
            key=settings.engine_key,
            model=settings.engine_model,
            context=settings.context,
        )

    def local_engine(self, model: Path | None = None, *, keeps_states: bool = True) -> ChildEngine:
        """An engine on this machine; see ``engine``."""
        from chat_tui.engine.client import ChildEngine
        from chat_tui.engine.rpc import rpc_servers

        servers = rpc_servers(self.settings.rpc)
        options = LoadOptions(
            model or self.model(),
            context=self.settings.context,
            threads=self.settings.threads,
            gpu_layers=self.settings.gpu_layers,
            cpu_experts=self.settings.cpu_experts,
            flash=self.settings.flash_attention.wish,
            rpc=servers,
        )
        return ChildEngine(
            options,
            log=self.paths.engine_log,
            cache=self.paths.cache,
            states=self.paths.states if keeps_states else None,
        )

    @contextmanager
    def toolset(self, mode: ToolMode, wanted: Sequence[str]) -> Iterator[Toolset | None]:
        """The tools named in ``wanted``; None where there are none. Nothing is built yet."""
        from chat_tui.session.offer import Finished, Offer
        from chat_tui.session.permissions import check_walls
        from chat_tui.session.standing import Standing, rules_of
        from chat_tui.session.toolset import Toolset

        yolo = bool(getattr(self.words, "yolo", False))
        if yolo and "python" not in wanted:
            raise UsageError("--yolo is for python, which is not offered.", "Add --tools python.")
        if not wanted:
            yield None
            return

        def build(finished: Finished) -> Offer:
            from chat_tui.session.equipment import equip

            return equip(
                *(self.paths, Path.cwd(), wanted, finished),
                search_server=self.settings.search_server,
                servers=self.settings.servers,
            )

        standing = Standing(self.paths.settings, rules_of(self.settings, self.paths.settings))
        mode = ToolMode.ASK if yolo else mode
        with closing(Toolset(build, mode=mode, standing=standing, unasked=yolo)) as tools:
            if yolo:
                check_walls(tools)
            yield tools

    def chat(
        self, engine: Engine, shelf: Shelf | None = None, tools: Toolset | None = None
    ) -> Chat:
        """A conversation with ``engine``: the one to go on with, else a fresh one.

        What is said goes to ``shelf`` as it comes.
        """
        from chat_tui.plain.conversations import chosen
        from chat_tui.session.chat import Chat

        sampling = Sampling(temperature=self.settings.temperature, seed=self.words.seed)
        chat = Chat(
            engine,
            effort=self.settings.effort,
            instructions=self.settings.instructions,
            options=GenerateOptions(
                sampling, max_tokens=self.words.max_tokens, budget=self.words.budget
            ),
            budgets=self.settings.budgets,
            seams=shelf.seams() if shelf is not None else None,
            tools=tools,
        )
        if shelf is not None:
            shelf.serve(chat)
            if resumed := getattr(self.words, "resume", None):
                shelf.open(chosen(shelf.store, resumed), effort=not self.words.effort)
            else:
                shelf.begin()
        return chat

    def examined(self, loaded: str = "") -> Facts:
        """What is right and wrong here, with that model in memory; takes seconds."""
        from chat_tui.doctor.looking import Asked, look
        from chat_tui.supplier import supplier

        supply = supplier(self.settings, self.memory, self.paths.cache)
        return look(Asked(self.paths, self.settings, supply.stock, supply.hub, self.wrong, loaded))

    @contextmanager
    def shelf(
        self, tell: Callable[[StoreError | None], None] | None = None
    ) -> Iterator[Shelf | None]:
        """Where what is said is kept; None where the user wants that nothing is.

        A store that cannot be used is told, and nothing is kept, unless one of its conversations
        is asked for. Raises StoreError then. ``tell`` hears of trouble, else it goes to standard
        error as it comes.
        """
        if getattr(self.words, "private", False):
            yield None
            return
        from chat_tui.plain.conversations import opened, tell_trouble
        from chat_tui.session.keeping import Keeper
        from chat_tui.session.shelf import Shelf

        tell = tell or tell_trouble
        with ExitStack() as stack:
            try:
                store = stack.enter_context(opened(self.paths.conversations))
            except StoreError as error:
                if getattr(self.words, "resume", None):
                    raise
                tell(error)
                yield None
                return
            shelf = Shelf(stack.enter_context(closing(Keeper(store))))
            shelf.watch(tell)
            yield shelf


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code. No traceback reaches the user."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a question mark instead of failing.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except ChatError as error:
        print(describe(error), file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has gone (`chat-tui ask … | head -1`); nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(argv: Sequence[str]) -> int:
    words = parser().parse_args(argv)
    paths = user_paths()
    memory = Memory(paths.remembered)
    chosen, wrong = Settings(), ""
    try:
        chosen = load_settings(paths.settings)
    except SettingsError as error:
        if words.run not in ("doctor", "settings"):  # those tell of it, or mend it
            raise
        wrong = str(error)
    wrong = wrong or "\n".join(map(str, chosen.keys.problems))
    chosen = replace(chosen, model=chosen_model(memory.values, chosen.model))
    # Taken away, so that nothing that is started from here inherits it.
    if key := os.environ.pop(ENGINE_KEY, ""):
        chosen = replace(chosen, engine_key=key)
    if words.run in ("chat", "plain"):
        # Scripts get what the settings say, whatever somebody last chose on a screen.
        chosen = with_remembered(chosen, memory.values)
    setup = Setup(paths, _override(chosen, words), memory, words, wrong)
    return _COMMANDS[words.run](setup)


def _override(chosen: Settings, words: argparse.Namespace) -> Settings:
    """``chosen`` with what the command line says on top."""
    names = (
        *("model", "effort", "temperature", "instructions"),
        *("context", "threads", "gpu_layers", "cpu_experts", "flash_attention", "tools"),
        *("engine", "engine_model", "rpc"),
    )
    given = {name: getattr(words, name, None) for name in names}
    if given["effort"]:
        given["effort"] = Effort(given["effort"])
    if given["flash_attention"]:
        given["flash_attention"] = Switch(given["flash_attention"])
    if given["engine"] == _HERE or (given["model"] and not given["engine"]):
        given["engine"] = ""  # a file that is named is on this machine
    return replace(chosen, **{name: value for name, value in given.items() if value is not None})


def _chat(setup: Setup) -> int:
    """The full-screen chat."""
    # Textual draws on standard error, so that one has to be a terminal too.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            "There is no terminal to draw on.",
            'For scripts and pipes use chat-tui ask "question"; chat-tui plain talks line by line.',
        )
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "This terminal cannot draw a full screen: TERM is dumb.",
            "chat-tui plain talks line by line.",
        )
    from chat_tui.plain.conversations import tell_trouble
    from chat_tui.ui.app import ChatApp
    from chat_tui.ui.models.desk import Models, Shop

    settings = setup.settings
    heard: list[StoreError | None] = []

    def shop() -> Shop:
        from chat_tui.supplier import supplier

        return supplier(settings, setup.memory, setup.paths.cache)

    def examine(width: int) -> str:
        from chat_tui.doctor.report import judge, text

        model = chat.engine.model
        return text(judge(setup.examined(model.name if model else "")), width, wrong_first=True)

    with (
        setup.shelf(heard.append) as shelf,
        setup.toolset(settings.tool_mode, settings.tools) as tools,
        closing(setup.engine()) as engine,
        ExitStack() as last,
    ):
        chat = setup.chat(engine, shelf, tools)
        last.callback(lambda: chat.engine.close())  # noqa: PLW0108 - it may be another one then
        app = ChatApp(
            chat,
            reasoning=setup.settings.reasoning,
            theme=setup.settings.theme,
            remember=setup.memory.remember,
            user_themes=setup.paths.themes,
            shelf=shelf,
            unkept=heard[-1] if heard else None,
            models=Models(shop, setup.engine),
            examine=examine,
            keys=settings.keys,
            environment=os.environ,
            settings=setup.settings_file(),
            chosen=settings,
        )
        app.run()
        if shelf is not None:
            shelf.watch(tell_trouble)
        return app.return_code or 0


def _ask(setup: Setup) -> int:
    from chat_tui.grammar.load import load_schema
    from chat_tui.plain.ask import ask, denied_on, question
    from chat_tui.plain.interrupts import cancel_on_interrupt

    words = setup.words
    form = load_schema(words.schema) if words.schema else None
    text = question(words.question, sys.stdin.buffer, interactive=sys.stdin.isatty())
    with (
        setup.shelf() as shelf,
        # Nobody answers questions here: what needs none runs, all else is denied.
        setup.toolset(ToolMode.READ_ONLY, words.tools or ()) as tools,
        closing(setup.engine()) as engine,
        cancel_on_interrupt() as cancel,
    ):
        if tools is not None:
            tools.denied = denied_on(sys.stderr)
            for name, why in tools.offer.missing.items():
                raise UsageError(f"{name} cannot be had.", why)
        chat = setup.chat(engine, shelf, tools)
        chat.response_format = form
        return ask(
            chat,
            text,
            cancel=cancel,
            output=Output(words.output),
            show_reasoning=words.show_reasoning,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )


def _plain(setup: Setup) -> int:
    from chat_tui.plain.repl import Repl
    from chat_tui.plain.tools import forget_typed

    settings = setup.settings
    with (
        setup.shelf() as shelf,
        setup.toolset(settings.tool_mode, settings.tools) as tools,
        closing(setup.engine()) as engine,
    ):
        chat = setup.chat(engine, shelf, tools)
        shown, file = setup.words.show_reasoning, setup.settings_file()
        return Repl(chat, input, sys.stdout, shown, forget_typed, settings=file).run()


def _compare(setup: Setup) -> int:
    from chat_tui.plain.ask import question
    from chat_tui.plain.compare import Compare
    from chat_tui.plain.interrupts import cancel_on_interrupt
    from chat_tui.plain.questions import tasks_for

    words = setup.words
    if words.tools:
        raise UsageError("Levels are compared without tools.", "Leave --tools away.")

    def read() -> str:
        return question(words.question, sys.stdin.buffer, interactive=sys.stdin.isatty())

    tasks = tasks_for(words.question, words.file, read)
    with (
        closing(setup.engine(keeps_states=False)) as engine,
        cancel_on_interrupt() as cancel,
    ):
        compare = Compare(
            setup.chat(engine), tasks, words.efforts, words.repeat, sys.stdout, sys.stderr
        )
        return compare.run(cancel, as_document=words.output == "json")


def _bench(setup: Setup) -> int:
    from chat_tui.bench.run import bench

    words = setup.words
    if setup.settings.engine:
        raise UsageError(
            "The benchmark measures a model on this machine, and a server is named.",
            "Say --engine local; or compare its levels: chat-tui compare.",
        )
    with closing(setup.local_engine(keeps_states=False)) as engine:
        return bench(
            engine,
            cache=setup.paths.cache,
            rounds=words.rounds,
            tokens=words.max_tokens or 256,
            as_document=words.json,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )


def _conversations(setup: Setup) -> int:
    """The commands that work on what is kept."""
    from chat_tui.plain.conversations import COMMANDS, opened

    with opened(setup.paths.conversations) as store:
        return COMMANDS[setup.words.on_store](store, setup.words)


def _models(setup: Setup) -> int:
    from chat_tui.plain.models import models_command
    from chat_tui.supplier import supplier

    found = supplier(setup.settings, setup.memory, setup.paths.cache)
    width = min(100, get_terminal_size().columns)
    return models_command(found, setup.words, sys.stdout, sys.stderr, width)


def _settings(setup: Setup) -> int:
    from chat_tui.plain.settings import settings_command

    width = min(100, get_terminal_size().columns)
    return settings_command(setup.settings_file(), setup.words, sys.stdout, os.environ, width)


def _doctor(setup: Setup) -> int:
    from chat_tui.plain.doctor import doctor_command

    width = min(80, get_terminal_size().columns)
    return doctor_command(setup.examined(), setup.words.json, sys.stdout, width)


def _library(setup: Setup) -> int:
    from chat_tui.plain.library import library_command
    from chat_tui.tools.library import Library

    words = setup.words
    with closing(Library(setup.paths.library)) as library:
        return library_command(library, words.action, words.words, sys.stdout, sys.stderr)


def _own_tools(setup: Setup) -> int:
    from chat_tui.plain.own_servers import Servers
    from chat_tui.plain.own_tools import tools_command
    from chat_tui.tools.approved import Approvals
    from chat_tui.tools.mcp_approved import ServerApprovals

    def confirm(question: str) -> bool:
        return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")

    words, paths = setup.words, setup.paths
    approvals = Approvals(paths.approved_tools)
    servers = Servers(setup.settings.servers, ServerApprovals(paths.approved_servers))
    return tools_command(
        paths.tools, approvals, words.action, words.names, sys.stdout, confirm, servers
    )


def _harmony(setup: Setup) -> int:
    from chat_tui.harmony import commands
    from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model

    words = setup.words
    if words.file == "-":
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(words.file).read_bytes()
        except OSError as error:
            raise InputError(
                f"The file {words.file} cannot be read: {error.strerror or error}."
            ) from error
    vocabulary = Vocabulary.open(ranks_from_model(setup.model(), setup.paths.cache))
    work = commands.render if words.action == "render" else commands.parse
    text = work(data, vocabulary, tokens=words.tokens)
    # A file or a pipe gets every character; a terminal only those that do nothing to it.
    print(clean(text) if sys.stdout.isatty() else text)
    return 0


_COMMANDS: Mapping[str, Callable[[Setup], int]] = {
    "chat": _chat,
    "ask": _ask,
    "plain": _plain,
    "compare": _compare,
    "bench": _bench,
    "conversations": _conversations,
    "models": _models,
    "settings": _settings,
    "doctor": _doctor,
    "library": _library,
    "own_tools": _own_tools,
    "harmony": _harmony,
}


if __name__ == "__main__":
    sys.exit(main())
