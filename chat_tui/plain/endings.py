"""What to say of a turn that ran out of room.

Knows why turns end; must not know streams or what else a face can do.
"""

from __future__ import annotations

from chat_tui.errors import ChatError
from chat_tui.events import ModelInfo, TurnEnded
from chat_tui.language import _


def ran_out(event: TurnEnded, model: ModelInfo | None, *, answered: bool) -> ChatError:
    """What happened, and what to do about it; what came until then is kept."""
    if model is None or not model.is_filled_by(event.usage):
        if answered:
            return ChatError(
                _("The limit of tokens was reached: the answer was cut."),
                _("A larger --max-tokens makes room."),
            )
        return ChatError(
            _(
                "The limit of tokens was reached while the model was still reasoning: there is no"
                " answer."
            ),
            _("A larger --max-tokens makes room; --effort low takes less of it."),
        )
    if answered:
        what = _("The context of {context:,} tokens is full: the answer was cut.")
    else:
        what = _(
            "The context of {context:,} tokens is full while the model was still reasoning: there"
            " is no answer."
        )
    return ChatError(what.format(context=model.context), _more_context(model, answered))


def _more_context(model: ModelInfo, answered: bool) -> str:
    if model.context >= model.trained_context:
        if answered:
            return _("A new conversation makes room.")
        return _("A new conversation makes room; --effort low takes less of it.")
    if answered:
        way = _("A new conversation or a larger --context (up to {most:,}) makes room.")
    else:
        way = _(
            "A new conversation or a larger --context (up to {most:,}) makes room; --effort low"
            " takes less of it."
        )
    return way.format(most=model.trained_context)
