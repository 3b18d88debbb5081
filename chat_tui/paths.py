"""Where this program keeps things, by the platform's custom.

Knows folder names only; makes none of them. Whoever writes creates the folder, mode 0700.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from chat_tui.home import at_home

_APP = "chat-tui"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user; tests build their own."""

    config: Path
    data: Path
    state: Path
    cache: Path
    log: Path

    @property
    def settings(self) -> Path:
        """What the user writes."""
        return self.config / "settings.toml"

    @property
    def remembered(self) -> Path:
        """What the program remembers by itself, such as the last effort."""
        return self.state / "remembered.json"

    @property
    def themes(self) -> Path:
        """The user's own themes."""
        return self.config / "themes"

    @property
    def conversations(self) -> Path:
        """The database of everything that was said."""
        return self.data / "conversations" / "conversations.db"

    @property
    def tools(self) -> Path:
        """The user's own functions: Python files."""
        return self.config / "tools"

    @property
    def approved_tools(self) -> Path:
        """Which of those files may run, by their hashes."""
        return self.config / "approved-tools.json"

    @property
    def approved_servers(self) -> Path:
        """Which MCP servers may run, and with which tools, by their hashes."""
        return self.config / "approved-servers.json"

    @property
    def attachments(self) -> Path:
        """Plots and tables that tools made."""
        return self.data / "attachments"

    @property
    def library(self) -> Path:
        """Which files the user lets the model search, and their index."""
        return self.data / "library"

    @property
    def edits(self) -> Path:
        """What files were before the model edited them."""
        return self.state / "edits"

    @property
    def states(self) -> Path:
        """What models have read: large files that spare reading it again."""
        return self.cache / "states"

    @property
    def engine_log(self) -> Path:
        """What the process that holds the model writes to its standard error."""
        return self.log / "engine.log"


def homely(path: Path) -> str:
    """The path as people write it: one below the home folder begins with a tilde."""
    home = at_home("~")
    for folder in (home, home.resolve()):
        if path.is_relative_to(folder) and path != folder:
            return f"~/{path.relative_to(folder).as_posix()}"
    return str(path)


def user_paths() -> Paths:
    """The folders of whoever runs the program."""
    return Paths(
        config=platformdirs.user_config_path(_APP, appauthor=False),
        data=platformdirs.user_data_path(_APP, appauthor=False),
        state=platformdirs.user_state_path(_APP, appauthor=False),
        cache=platformdirs.user_cache_path(_APP, appauthor=False),
        log=platformdirs.user_log_path(_APP, appauthor=False),
    )
