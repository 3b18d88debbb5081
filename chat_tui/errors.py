"""Every error this program raises on purpose, in one tree.

Knows nothing of who raises or shows them. Each error carries a sentence that says what happened
(``message``) and one that says what to do (``hint``, may be empty).

    ChatError
    ├── UsageError            the command line or a command was given wrong words
    ├── SettingsError         a settings file cannot be read or has an unknown key
    ├── InputError            a prompt, a file or standard input cannot be used
    ├── SchemaError           a JSON Schema is none, or asks for what cannot be enforced
    ├── ModelFileError        a model file is missing, damaged or of the wrong kind
    │   └── VocabularyError   it does not carry the o200k_harmony vocabulary
    ├── EngineError           the process that holds the model failed
    │   ├── LoadError         the model could not be loaded (memory, context, device)
    │   ├── PromptTooLong     the prompt does not fit the context
    │   │   └── NoRoom        and it was not put: there are ways of making room
    │   └── EngineCrashed     the process ended in the middle of something
    ├── StoreError            the kept conversations cannot be read or written
    │   ├── StoreFull         the disk takes no more; what was said waits in memory
    │   └── StoreBusy         another process writes this conversation
    ├── ToolError             a tool could not be built or run
    └── ProgramError          this program has a fault, and ended because of it
"""

from __future__ import annotations


class ChatError(Exception):
    """What happened (``message``) and what to do about it (``hint``)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(ChatError):
    """The command line or a command was given wrong words."""


class SettingsError(ChatError):
    """A settings file cannot be read or has an unknown key."""


class InputError(ChatError):
    """A prompt, a file or standard input cannot be used."""


class SchemaError(ChatError):
    """A JSON Schema is none, or asks for what cannot be enforced; names the part by its pointer."""


class ModelFileError(ChatError):
    """A model file is missing, damaged or of the wrong kind."""


class VocabularyError(ModelFileError):
    """A model file does not carry the o200k_harmony vocabulary."""


class EngineError(ChatError):
    """The process that holds the model failed."""


class LoadError(EngineError):
    """The model could not be loaded: memory, context, device."""


class PromptTooLong(EngineError):
    """The prompt does not fit the context."""


class NoRoom(PromptTooLong):
    """The question does not fit and was not put; the user chooses how to make room."""


class EngineCrashed(EngineError):
    """The process that holds the model ended in the middle of something."""


class StoreError(ChatError):
    """The kept conversations cannot be read or written."""


class StoreFull(StoreError):
    """The disk takes no more; what was said waits in memory until it does."""


class StoreBusy(StoreError):
    """Another process writes this conversation; here it can only be read."""


class ToolError(ChatError):
    """A tool could not be built or run."""


class ProgramError(ChatError):
    """This program has a fault, and ended because of it."""
