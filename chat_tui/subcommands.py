"""What each command of the command line does, with what ``composition`` builds for it.

Knows the faces: full screen, line by line, scripts. Each command imports what it needs when it
runs. Must not know how the words on the command line are read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from chat_tui.composition import Setup
from chat_tui.errors import InputError, StoreError, UsageError
from chat_tui.language import _
from chat_tui.lasting import lasting
from chat_tui.settings import ToolMode
from chat_tui.untrusted import clean

if TYPE_CHECKING:
    from chat_tui.ui.front import Look
    from chat_tui.ui.furniture import Furniture


def _chat(setup: Setup) -> int:
    """The full-screen chat."""
    # Textual draws on standard error, so that one has to be a terminal too.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            _("There is no terminal to draw on."),
            _(
                'For scripts and pipes use chat-tui ask "question"; chat-tui plain talks'
                " line by line."
            ),
        )
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            _("This terminal cannot draw a full screen: TERM is dumb."),
            _("chat-tui plain talks line by line."),
        )
    with lasting():
        from chat_tui.ui.app import ChatApp
        from chat_tui.ui.front import Front

    with ExitStack() as stack:
        app = ChatApp(
            Front(lambda: _furnish(setup, stack), _look(setup)),
            theme=setup.settings.theme,
            user_themes=setup.paths.themes,
            keys=setup.settings.keys,
            environment=os.environ,
            chosen=setup.settings,
        )
        app.run()
        if app.trouble is not None:
            from chat_tui.fault import told

            raise told(app.trouble, setup.paths.log / "fault.log")
        return app.return_code or 0


def _look(setup: Setup) -> Look:
    """What the first paint shows of the chat that is being brought."""
    from chat_tui.ui.front import Look

    settings, words = setup.settings, setup.words
    mode = ToolMode.ASK if words.yolo else settings.tool_mode
    return Look(
        settings.effort,
        setup.host(),
        str(mode) if settings.tools else "",
        unasked=words.yolo,
        private=words.private,
        welcomes=not words.resume,
    )


def _furnish(setup: Setup, stack: ExitStack) -> Furniture:
    """The chat and what is around it, on ``stack``; in a thread, behind the first paint."""
    with lasting():
        from chat_tui.plain.conversations import tell_trouble
        from chat_tui.ui import chat_screen  # noqa: F401 - the app wants it next
        from chat_tui.ui.furniture import Furniture
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

    shelf = stack.enter_context(setup.shelf(heard.append))
    tools = stack.enter_context(setup.toolset(settings.tool_mode, settings.tools))
    engine = stack.enter_context(closing(setup.engine()))
    chat = setup.chat(engine, shelf, tools)
    stack.callback(lambda: chat.engine.close())  # noqa: PLW0108 - it may be another one then
    if shelf is not None:
        stack.callback(shelf.watch, tell_trouble)  # the screen that listened has gone by then
    return Furniture(
        chat,
        settings.reasoning,
        setup.memory.remember,
        shelf,
        unkept=heard[-1] if heard else None,
        private=setup.words.private,
        models=Models(shop, setup.engine),
        examine=examine,
        settings=setup.settings_file(),
    )


def _ask(setup: Setup) -> int:
    from chat_tui.grammar.load import load_schema
    from chat_tui.plain.ask import Output, ask, denied_on, question
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
                raise UsageError(_("{name} cannot be had.").format(name=name), why)
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
        words, file = setup.words, setup.settings_file()
        return Repl(
            *(chat, input, sys.stdout, words.show_reasoning, forget_typed),
            settings=file,
            private=words.private,
            shelf=shelf,
        ).run()


def _compare(setup: Setup) -> int:
    from chat_tui.plain.ask import question
    from chat_tui.plain.compare import Compare
    from chat_tui.plain.interrupts import cancel_on_interrupt
    from chat_tui.plain.questions import tasks_for

    words = setup.words
    if words.tools:
        raise UsageError(_("Levels are compared without tools."), _("Leave --tools away."))

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
            _("The benchmark measures a model on this machine, and a server is named."),
            _("Say --engine local; or compare its levels: chat-tui compare."),
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
                _("The file {file} cannot be read: {strerror}.").format(
                    file=words.file, strerror=error.strerror or error
                )
            ) from error
    vocabulary = Vocabulary.open(ranks_from_model(setup.model(), setup.paths.cache))
    work = commands.render if words.action == "render" else commands.parse
    text = work(data, vocabulary, tokens=words.tokens)
    # A file or a pipe gets every character; a terminal only those that do nothing to it.
    print(clean(text) if sys.stdout.isatty() else text)
    return 0


COMMANDS: Mapping[str, Callable[[Setup], int]] = {
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
"""Each command by the name that ``command_line`` gives it."""
