"""The one place where objects are built: settings → engine → session.

Knows every part by name and none by heart: each method imports what it needs when it is called, so
that `chat-tui --help` and the first paint do not wait for what they do not use. Must not know what
a command does with them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.errors import StoreBusy, StoreError, UsageError
from chat_tui.language import _
from chat_tui.memory import Memory
from chat_tui.model_settings import still_there
from chat_tui.paths import Paths
from chat_tui.settings import Settings, ToolMode

if TYPE_CHECKING:
    from chat_tui.doctor.facts import Facts
    from chat_tui.engine.client import ChildEngine
    from chat_tui.engine.protocol import Engine
    from chat_tui.preferences.file import SettingsFile
    from chat_tui.session.chat import Chat
    from chat_tui.session.shelf import Shelf
    from chat_tui.session.toolset import Toolset


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

    def host(self) -> str:
        """Where the model is, if not on this machine, before there is an engine that knows.

        Raises UsageError for what is no address.
        """
        settings = self.settings
        if settings.engine:
            from chat_tui.engine.remote.address import parse_address

            return parse_address(settings.engine).away
        if not settings.rpc:
            return ""
        from chat_tui.engine.rpc import hosts, rpc_servers

        return hosts(rpc_servers(settings.rpc))

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
        from chat_tui.demo.embedded import embedded_path
        from chat_tui.demo.engine import EmbeddedEngine
        from chat_tui.engine.client import ChildEngine
        from chat_tui.engine.protocol import LoadOptions
        from chat_tui.engine.rpc import rpc_servers

        servers = rpc_servers(self.settings.rpc)
        embedded = model is None and self.settings.model is None
        options = LoadOptions(
            model or (embedded_path(self.paths.cache) if embedded else self.model()),
            context=self.settings.context,
            threads=self.settings.threads,
            gpu_layers=self.settings.gpu_layers,
            cpu_experts=self.settings.cpu_experts,
            flash=self.settings.flash_attention.wish,
            rpc=servers,
        )
        kind = EmbeddedEngine if embedded else ChildEngine
        return kind(
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
            raise UsageError(
                _("--yolo is for python, which is not offered."), _("Add --tools python.")
            )
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
        from chat_tui.engine.protocol import GenerateOptions, Sampling
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
                try:
                    shelf.open(chosen(shelf.store, resumed), effort=not self.words.effort)
                except StoreBusy as error:
                    hint = _("chat-tui export shows it; the list of a new chat opens a copy of it.")
                    raise StoreBusy(error.message, hint) from error
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
