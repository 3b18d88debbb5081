"""Choosing each token so that what is written is valid: headers, control tokens, JSON.

Knows the guard of headers, grammars and the sampler; must not know events or when a turn is over.
The model's own choice is tested first and stands in nearly every case; only where it is refused is
the choice narrowed, which costs more.
"""

from __future__ import annotations

from collections.abc import Callable

from chat_tui.conversation import ANALYSIS, FINAL, Prompt
from chat_tui.grammar import arguments_gbnf, gbnf
from chat_tui.harmony import tokens as harmony
from chat_tui.harmony.header import HeaderGuard, Only
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.flag import Flag
from chat_tui.runner.grammar import Grammar
from chat_tui.runner.llama import Aborted, Llama
from chat_tui.runner.sampling import Sampler

TRIES = 8
"""Tokens drawn anew, each without those refused before it, until the whole vocabulary is masked.

Such a draw takes half a millisecond, a mask fifty. The odds of what is left are the same.
"""

_TURN_ENDS = frozenset({harmony.RETURN, harmony.ENDOFTEXT})
_ENDINGS = _TURN_ENDS | {harmony.END, harmony.CALL, harmony.START, harmony.CHANNEL}


class Forms:
    """The grammars that a prompt asks for: of the answer, and of each function's arguments."""

    def __init__(self, prompt: Prompt) -> None:
        """Raises SchemaError where the form of the answer cannot be enforced."""
        form = prompt.response_format
        self._answer = gbnf(form.schema) if form is not None else None
        self._functions = {
            f"{tool.namespace}.{function.name}": function.parameters
            for tool in prompt.tools
            for function in tool.functions
        }
        self.any = self._answer is not None or any(
            parameters is not None for parameters in self._functions.values()
        )

    def of(self, channel: str, recipient: str | None, content_type: str | None) -> str | None:
        """The grammar of a message's content; None where it is free."""
        if recipient is None:
            return self._answer if channel == FINAL else None
        return arguments_gbnf(self._functions.get(recipient)) if content_type == "json" else None


class Chooser:
    """Follows one generation from right after ``<|start|>assistant``."""

    def __init__(
        self,
        llama: Llama,
        vocabulary: Vocabulary,
        prompt: Prompt,
        sampler: Callable[[], Sampler],
        stop: Flag,
    ) -> None:
        """Raises SchemaError. ``sampler`` is called when the first token is chosen."""
        names = frozenset(name for tool in prompt.tools for name in tool.recipients)
        self.guard = HeaderGuard(vocabulary, names)
        self._llama = llama
        self._vocabulary = vocabulary
        self._forms = Forms(prompt)
        self._make_sampler = sampler
        self._sampler: Sampler | None = None
        self._grammar: Grammar | None = None
        self._stop = stop
        if self._forms.any and llama.words is not None:
            llama.words.begin()

    def choose(self) -> tuple[int, bool]:
        """A token that may follow, and whether the model meant its reasoning to end the turn."""
        guard = self.guard
        sampler = self._sampler
        if sampler is None:
            sampler = self._sampler = self._make_sampler()
        token = sampler.sample()
        if guard.allows(token):
            if self._grammar is None or self._fits(token, self._grammar):
                return token, False
        elif guard.terminator is not None and token in _ENDINGS:
            # The model is done with this message and took the wrong word for it. Striking that
            # word out would make it ramble on.
            end = guard.terminator
            if self._grammar is None or self._grammar.may_end():
                done = end == harmony.END and token in _TURN_ENDS and guard.channel == ANALYSIS
                return end, done
        return self._narrowed(sampler, token), False

    def advance(self, token: int) -> None:
        """Follow a token that the model wrote or was made to write.

        Raises Aborted where it was stopped while a grammar was being prepared.
        """
        guard, grammar = self.guard, self._grammar
        if grammar is not None and token != guard.terminator:
            piece = self._vocabulary.piece(token)
            grammar.advance(token, piece if isinstance(piece, bytes) else b"\0")
        guard.advance(token)
        if token == harmony.MESSAGE:
            self._begin_content()
        elif grammar is not None and guard.terminator is None:
            self._drop_grammar()

    def follow(self, token: int) -> None:
        """Follow a token of a message that goes on; one that its form refuses ends the form.

        The form may have been asked for when a part of the message stood already.
        """
        if self._grammar is not None and not self._fits(token, self._grammar):
            self._drop_grammar()
        self.advance(token)

    def close(self) -> None:
        """Free the sampler and the grammar; safe to call twice."""
        self._drop_grammar()
        if self._sampler is not None:
            self._sampler.close()
        self._sampler = None

    def _begin_content(self) -> None:
        guard, words = self.guard, self._llama.words
        form = self._forms.of(guard.channel or "", guard.recipient, guard.content_type)
        if form is None or words is None:
            return
        vocabulary = words.get(self._stop)
        if vocabulary is None:
            raise Aborted
        self._grammar = Grammar(self._llama.lib, vocabulary, form)

    def _drop_grammar(self) -> None:
        if self._grammar is not None:
            self._grammar.close()
        self._grammar = None

    def _fits(self, token: int, grammar: Grammar) -> bool:
        if token == self.guard.terminator:
            return grammar.may_end()
        piece = self._vocabulary.piece(token)
        return isinstance(piece, bytes) and grammar.allows(token, piece)

    def _narrowed(self, sampler: Sampler, refused: int) -> int:
        """Another token, with the odds that the model gave to those that may follow."""
        allowed = self.guard.allowed()
        if isinstance(allowed, Only):
            return sampler.sample_only(allowed.ids)
        grammar = self._grammar
        if grammar is None:
            return sampler.sample_without(allowed.ids)
        token = sampler.sample_without({*allowed.ids, refused})
        for _ in range(TRIES):
            if self._fits(token, grammar):
                return token
            token = sampler.sample_without({token})
        while not self._fits(token, grammar):
            sampler.strike({token})
            token = sampler.sample_under(grammar)
        return token
