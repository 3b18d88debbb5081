"""One grammar over one piece of text, token by token.

Knows llama.cpp's grammar sampler and UTF-8; must not know what the text is for. llama.cpp ends
the process when it is told to follow a token that the grammar refuses, so a token is followed only
after it was tested. Two holes in its reading of UTF-8 are closed here: it takes overlong bytes for
a quote, and text behind a zero byte for nothing.
"""

from __future__ import annotations

import codecs
import ctypes
from typing import Any

from chat_tui.errors import EngineError
from chat_tui.harmony import tokens
from chat_tui.language import _

_UTF8 = codecs.getincrementaldecoder("utf-8")


class Grammar:
    """Follows text from its beginning; ``gbnf`` has a rule ``root``."""

    def __init__(self, lib: Any, vocab: Any, gbnf: str) -> None:
        """``vocab`` is a pointer to llama.cpp's vocabulary.

        Raises EngineError where llama.cpp cannot read the grammar; its log says why.
        """
        self._lib = lib
        self._sampler = lib.llama_sampler_init_grammar(vocab, gbnf.encode(), b"root")
        if not self._sampler:
            raise EngineError(
                _("The model runner could not read the grammar made from the schema."),
                _("Simplify the schema; the log file says more."),
            )
        self._utf8 = _UTF8("strict")
        self._one = (lib.llama_token_data * 1)()

    def allows(self, token: int, piece: bytes) -> bool:
        """Whether text may go on with this token, which spells ``piece``."""
        if b"\0" in piece:
            return False
        before = self._utf8.getstate()
        try:
            self._utf8.decode(piece)
        except UnicodeDecodeError:
            return False
        finally:
            self._utf8.setstate(before)
        return self._tested(token)

    def may_end(self) -> bool:
        """Whether the text is whole; llama.cpp lets its own end tokens through exactly then."""
        return self._tested(tokens.RETURN)

    def advance(self, token: int, piece: bytes) -> None:
        """Follow a token that ``allows`` lets through; ValueError for any other."""
        if not self.allows(token, piece):
            raise ValueError(f"token {token} may not follow here")
        self._utf8.decode(piece)
        self._lib.llama_sampler_accept(self._sampler, token)

    def apply(self, array: Any) -> None:
        """Give every refused token of a candidate array a logit of minus infinity."""
        self._lib.llama_sampler_apply(self._sampler, ctypes.byref(array))

    def close(self) -> None:
        """Free it; safe to call twice."""
        if self._sampler:
            self._lib.llama_sampler_free(self._sampler)
        self._sampler = None

    def _tested(self, token: int) -> bool:
        self._one[0] = (token, 0.0, 0.0)
        self.apply(self._lib.llama_token_data_array(self._one, 1, -1, False))
        return float(self._one[0].logit) == 0.0
