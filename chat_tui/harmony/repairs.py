"""The names of what the decoder mends.

Knows nothing; ``mend`` and ``decoder`` note them, messages carry them, faces show them.
"""

from __future__ import annotations

from enum import StrEnum


class Repair(StrEnum):
    """What had to be mended, in words for people."""

    RECIPIENT_CUT = "markup in a recipient was cut off"
    RECIPIENT_NOT_A_TOOL = "a recipient that is no tool was ignored"
    RECIPIENT_REPEATED = "only the first of several recipients counts"
    RECIPIENT_REDUCED = "characters that no tool name has were removed from a recipient"
    RECIPIENT_COMPLETED = "a recipient was given its namespace"
    RECIPIENT_OF_BUILTIN = "a recipient was mapped to a built-in tool"
    TOOL_NOT_OFFERED = "the tool was not offered"
    CALL_MOVED = "a call came on a channel that has no calls"
    CALL_WITHOUT_RECIPIENT = "a call names no tool"
    CALL_NOT_ENDED = "a call did not end as calls do"
    CHANNEL_REPEATED = "the last of several channels counts"
    CHANNEL_GUESSED = "a channel was recognised by its beginning"
    CHANNEL_UNKNOWN = "the channel does not exist or is missing"
    CONTENT_TYPE_UNMARKED = "a bare word was taken for the content type"
    EXTRA_WORDS = "extra words in a header were dropped"
    ROLE_GLUED = "role and channel were not separated"
    ROLE_REPEATED = "the role was repeated"
    ROLE_UNKNOWN = "an unknown role was taken for the assistant"
    ROLE_MADE_UP = "a made-up message of someone else was discarded"
    START_REPEATED = "a message began twice"
    START_MISSING = "a message did not begin as messages do"
    MESSAGE_MISSING = "the header had no end"
    NO_MARKUP = "plain text was taken for the answer"
    END_REPEATED = "a message ended twice"
    END_MISSING = "a message did not end before the next began"
    CONTROL_DROPPED = "a control token inside text was dropped"
    EMPTY_DROPPED = "an empty message was dropped"
