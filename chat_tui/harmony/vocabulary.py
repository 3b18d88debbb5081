"""Text to tokens and back, with the vocabulary that every gpt-oss GGUF carries.

Knows the ranks file, openai-harmony's tokeniser (used for nothing else) and how a GGUF spells its
tokens; must not know messages. Nothing is ever fetched: openai-harmony reads the folder named in
``TIKTOKEN_ENCODINGS_BASE`` or fails, and looks at that variable in no other call than the one made
here. Opening takes about 0.3 s and 80 MB and holds the GIL, so it belongs into the engine's
process.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from openai_harmony import (  # type: ignore[import-untyped]
    HarmonyEncoding,
    HarmonyError,
    load_harmony_encoding,
)

from chat_tui.errors import VocabularyError
from chat_tui.harmony.tokens import (
    FIRST_SPECIAL,
    NAMES,
    VOCABULARY_SIZE,
    Control,
    Piece,
    control,
    spelling,
)
from chat_tui.language import N_, _
from chat_tui.models.gguf import GGUF, read_header, token_strings

RANKS_NAME = "o200k_base.tiktoken"
"""What openai-harmony expects the ranks file to be called."""
RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"

MAX_RUN = 2048
"""Characters. The tokeniser takes time with the square of the length of an unbroken run."""

_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RUN = re.compile(
    f"(?<![^{_SPACE}])[{_SPACE}]{{{MAX_RUN},}}|(?<![{_SPACE}])[^{_SPACE}]{{{MAX_RUN},}}"
)
# Between these two the tokeniser's own pattern always ends a word, so a cut changes no token.
# The apostrophe is missing because of 's and 't.
_MARKS = r"!-&(-/:-@\[-`{-~。，、；：？！「」『』（）《》"
_SEAM = re.compile(
    f"(?<=[a-z])(?=[A-Z0-9{_MARKS}])|(?<=[A-Z])(?=[0-9{_MARKS}])|(?<=[0-9])(?=[A-Za-z{_MARKS}])"
    "|(?<=[\u3041-\u30fe\u4e00-\u9fff])(?=[。，、；：？！「『（《])"
)

_NEWER_MODEL = N_("Take a gpt-oss GGUF from its original source, or convert the model again.")


class Vocabulary:
    """The o200k_harmony vocabulary; made by ``open``."""

    def __init__(self, texts: Sequence[bytes], encoding: HarmonyEncoding) -> None:
        self._encoding = encoding
        self._pieces: list[Piece] = [
            *texts,
            *(control(token) for token in range(FIRST_SPECIAL, VOCABULARY_SIZE)),
        ]
        self._ids: dict[bytes, int] = dict(zip(texts, range(len(texts)), strict=True))

    @classmethod
    def open(cls, ranks_file: Path) -> Vocabulary:
        """Read and verify a ranks file, which has to be called RANKS_NAME.

        Raises VocabularyError where it is missing, damaged or another one.
        """
        try:
            data = ranks_file.read_bytes()
        except OSError as error:
            raise VocabularyError(
                _("The vocabulary {path} cannot be read: {error}.").format(
                    path=ranks_file, error=error.strerror or error
                )
            ) from error
        if hashlib.sha256(data).hexdigest() != RANKS_SHA256:
            raise VocabularyError(
                _("{path} is not the o200k_harmony vocabulary or is damaged.").format(
                    path=ranks_file
                ),
                _("Delete it: it is made anew from the model file."),
            )
        try:
            with _encodings_base(ranks_file.parent):
                encoding = load_harmony_encoding("HarmonyGptOss")
        except HarmonyError as error:
            raise VocabularyError(
                _("The vocabulary could not be loaded: {error}.").format(error=error)
            ) from error
        return cls([binascii.a2b_base64(word) for word in data.split()[::2]], encoding)

    def encode(self, text: str) -> list[int]:
        """The tokens of plain text: what looks like markup in it stays text.

        A lone surrogate becomes U+FFFD. The tokens are the tokeniser's own, except where it would
        take a run of more than MAX_RUN characters for one word.
        """
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        tokens: list[int] = []
        for part in _without_long_runs(text):
            tokens += self._encoding.encode(part, disallowed_special=())
        return tokens

    def piece(self, token: int) -> Piece:
        """What a token stands for; an id outside of the vocabulary is RESERVED."""
        return self._pieces[token] if 0 <= token < VOCABULARY_SIZE else Control.RESERVED

    def id_of(self, text: bytes) -> int | None:
        """The one token that stands for exactly these bytes, if there is one."""
        return self._ids.get(text)

    def decode(self, tokens: Iterable[int]) -> str:
        """Text with markup; bytes that are no UTF-8 become U+FFFD."""
        pieces = ((token, self.piece(token)) for token in tokens)
        return b"".join(
            piece if isinstance(piece, bytes) else spelling(token).encode()
            for token, piece in pieces
        ).decode("utf-8", "replace")


def ranks_from_model(model: Path, cache: Path) -> Path:
    """``ranks_from_header`` for a file; raises ModelFileError for one that is no GGUF too."""
    return ranks_from_header(read_header(model), cache)


def ranks_from_header(header: GGUF, cache: Path) -> Path:
    """The ranks file of a model's vocabulary, written to the folder ``cache`` where it is not yet.

    The model is read each time, so that one with another vocabulary never passes because an
    earlier one left a good file. Raises VocabularyError for another vocabulary or a cache that
    cannot be written, ModelFileError for a header without one.
    """
    data = _ranks(header.path, token_strings(header))
    path = cache / RANKS_NAME
    try:
        if not path.is_file() or path.read_bytes() != data:
            _write(path, data)
    except OSError as error:
        raise VocabularyError(
            _("The vocabulary cannot be kept in {folder}: {error}.").format(
                folder=cache, error=error.strerror or error
            ),
            _("Make room there or set XDG_CACHE_HOME to a folder that can be written."),
        ) from error
    return path


def _ranks(model: Path, words: Sequence[str]) -> bytes:
    """The content of the ranks file, from a GGUF's tokens in GPT-2's alphabet."""
    named = dict(enumerate(words[FIRST_SPECIAL:VOCABULARY_SIZE], FIRST_SPECIAL))
    wrong = [token for token, name in NAMES.items() if named.get(token) != name]
    try:
        # "\n" is no letter of that alphabet, so it can part the words while all are translated.
        alphabet = gpt2_letters() | {ord("\n"): "\uffff"}
        letters = "\n".join(words[:FIRST_SPECIAL]).translate(alphabet)
        texts = [part.encode("latin-1") for part in letters.split("\uffff")]
    except UnicodeEncodeError:
        texts = []
    lines = [binascii.b2a_base64(text, newline=False) for text in texts]
    data = b"".join([b"%s %d\n" % (line, rank) for rank, line in enumerate(lines)])
    if wrong or hashlib.sha256(data).hexdigest() != RANKS_SHA256:
        raise VocabularyError(
            _("{file} does not carry the o200k_harmony vocabulary of gpt-oss.").format(
                file=model.name
            ),
            _(_NEWER_MODEL),
        )
    return data


def gpt2_letters() -> dict[int, str]:
    """From the letters in which GPT-2 writes bytes to those bytes in Latin-1.

    Printable bytes stand for themselves; the others follow each other from U+0100 on.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {0x100 + at: chr(byte) for at, byte in enumerate(others)}


def _write(path: Path, data: bytes) -> None:
    """Write a file aside and put it in place at once, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


@contextmanager
def _encodings_base(folder: Path) -> Iterator[None]:
    """Have openai-harmony read its vocabulary from a folder, then leave the environment alone."""
    name = "TIKTOKEN_ENCODINGS_BASE"
    before = os.environ.get(name)
    os.environ[name] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _without_long_runs(text: str) -> Iterator[str]:
    """Text in parts, none of which holds a word so long that tokenising it takes seconds."""
    done = 0
    for run in _RUN.finditer(text):
        at, end = run.span()
        while end - at > MAX_RUN:
            seams = list(_SEAM.finditer(text, at + 1, at + MAX_RUN))
            at = seams[-1].start() if seams else at + MAX_RUN
            yield text[done:at]
            done = at
    yield text[done:]
