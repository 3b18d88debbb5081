"""Colours for code."""

from __future__ import annotations

from chat_tui.ui.highlight import LIMIT, highlight


def styles(code: str, language: str) -> dict[str, str]:
    """What is coloured, and how."""
    content = highlight(code, language)
    assert content.plain == code
    return {code[span.start : span.end]: str(span.style) for span in content.spans}


def test_every_line_of_a_diff_is_coloured_by_what_it_does() -> None:
    code = "--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n same\n--- no name\n-old\n+new"
    assert styles(code, "diff") == {
        "--- a/x": "$text-muted",
        "+++ b/x": "$text-muted",
        "@@ -1,3 +1,2 @@": "$text-muted",
        "--- no name": "$text-error",
        "-old": "$text-error",
        "+new": "$text-success",
    }


def test_what_is_too_long_or_unknown_stays_plain() -> None:
    assert styles("", "diff") == {}
    assert styles("+" * (LIMIT + 1), "diff") == {}
    assert styles("print(1)", "no such language") == {}
    assert "1" in styles("print(1)", "python")
