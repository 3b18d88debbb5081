"""What a patch makes of a text, and which patches are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat_tui.tools.hunks import updated
from chat_tui.tools.patch import Add, Delete, PatchError, Update, parse, patch_text
from tests.tools import patches


def apply(text: str, body: str, path: str = "a.py") -> str:
    """``text`` after the hunks in ``body``."""
    (change,) = parse(f"*** Begin Patch\n*** Update File: {path}\n{body}\n*** End Patch")
    assert isinstance(change, Update)
    return updated(text, change)


EXAMPLE = """*** Begin Patch
*** Add File: hello.txt
+Hello world
*** Update File: src/app.py
*** Move to: src/main.py
@@ def greet():
-print("Hi")
+print("Hello, world!")
*** Delete File: obsolete.txt
*** End Patch"""


def test_the_formats_own_example_is_understood() -> None:
    add, change, delete = parse(EXAMPLE)
    assert add == Add("hello.txt", "Hello world\n")
    assert delete == Delete("obsolete.txt")
    assert isinstance(change, Update)
    assert (change.path, change.move_to) == ("src/app.py", "src/main.py")
    before = 'def other():\n    print("Hi")\n\ndef greet():\n    print("Hi")\n'
    after = 'def other():\n    print("Hi")\n\ndef greet():\n    print("Hello, world!")\n'
    assert updated(before, change) == after


WORDS = st.sampled_from(
    ["", "a", "b", "  b", "a ", "}", "return x", "\tc", "– d", "+x", "-y", "@@"]
)
LINES = st.lists(WORDS, max_size=14)


@settings(max_examples=1000, deadline=None)
@given(
    LINES, LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["", "\ufeff"])
)
@example([], ["a"], "\n", True, "")
@example(["a"], [], "\n", True, "")
def test_a_generated_patch_gives_the_edited_text(
    old: list[str], new: list[str], end: str, last: bool, mark: str
) -> None:
    if old == new or (not last and (not old or not old[-1] or not new)):
        return  # nothing to change, or a missing final newline that shows in nothing
    if len(old) == 1 and not last:
        end = "\n"  # a text without any line end does not say which it would have
    final = end if last else ""
    text = mark + end.join(old) + (final if old else "")
    wanted = mark + (end if old else "\n").join(new) + ((final if old else "\n") if new else "")
    (change,) = parse(patches.update("a", old, new))
    assert isinstance(change, Update)
    assert updated(text, change) == wanted


@settings(max_examples=300, deadline=None)
@given(st.text("ab \n*+-@", max_size=200), st.text("ab \n", max_size=60))
def test_whatever_is_no_patch_is_refused_in_words(body: str, text: str) -> None:
    hints = set()
    try:
        for change in parse(f"*** Begin Patch\n*** Update File: f\n{body}\n*** End Patch"):
            if isinstance(change, Update):
                updated(text, change)
    except PatchError as error:
        hints.add(error.hint)
    assert hints <= {"Nothing was changed. Correct the patch and call apply_patch again."}


def test_line_ends_and_a_missing_final_newline_stay() -> None:
    assert apply("a\r\nb\r\nc", "@@\n b\n-c\n+d\n+e") == "a\r\nb\r\nd\r\ne"
    assert apply("a\r\nb\nc\n", "@@\n a\n-b\n+x\n c") == "a\r\nx\nc\n"
    assert apply("a\r\nb\r\n", "@@\n a\n+n\n b") == "a\r\nn\r\nb\r\n"
    assert apply("a", "@@\n a\n+b") == "a\nb"
    assert apply("a\n", "@@\n a\n+b") == "a\nb\n"
    assert apply("a\x0bb\x85c\u2028d\n", "@@\n-a\x0bb\x85c\u2028d\n+e") == "e\n"


def test_a_patch_may_itself_have_windows_line_ends() -> None:
    text = "*** Begin Patch\r\n*** Update File: f\r\n@@\r\n-a\r\n+b\r\n*** End Patch\r\n"
    (change,) = parse(text)
    assert isinstance(change, Update)
    assert updated("a\nc\n", change) == "b\nc\n"


@pytest.mark.parametrize(
    ("text", "patch", "after"),
    [
        ("a  \nb\n", "@@\n a\n-b\n+c", "a  \nc\n"),
        ("def f():\n    x = 1\n    y = 2\n", "@@\n-  x = 1\n+  x = 3\n   y = 2", None),
        ("“quoted” – text\nb\n", '@@\n "quoted" - text\n-b\n+c', "“quoted” – text\nc\n"),
        ("x\u00a0= 1\nb\n", "@@\n x = 1\n-b\n+c", "x\u00a0= 1\nc\n"),
    ],
)
def test_context_may_miss_white_space_and_punctuation(
    text: str, patch: str, after: str | None
) -> None:
    assert apply(text, patch) == (after or "def f():\n    x = 3\n    y = 2\n")


def test_an_exact_place_is_chosen_before_a_similar_one() -> None:
    assert apply("  a\nb\na\nb\n", "@@\n-a\n+x\n b") == "  a\nb\nx\nb\n"


def test_two_places_are_an_error_that_names_both() -> None:
    with pytest.raises(PatchError, match=r"line 1 and at line 4\..*more lines"):
        apply("a\nb\nc\na\nb\n", "@@\n-a\n+x\n b")


TWO = "class A:\n    def f(self):\n        pass\n\n\nclass B:\n    def f(self):\n        pass\n"


def test_a_header_says_which_of_two_places() -> None:
    assert apply(TWO, "@@ class A:\n     def f(self):\n-        pass\n+        return 1") == (
        TWO.replace("pass", "return 1", 1)
    )
    nested = apply(TWO, "@@ class B:\n@@     def f(self):\n-        pass\n+        return 1")
    assert nested == "return 1".join(TWO.rsplit("pass", 1))
    repeated = apply(TWO, "@@ class B:\n class B:\n     def f(self):\n-        pass\n+        x")
    assert repeated == "x".join(TWO.rsplit("pass", 1))
    with pytest.raises(PatchError, match="line 3 and at line 8"):
        apply(TWO, "@@ def f(self):\n-        pass\n+        return 1")


def test_a_header_that_is_nowhere_leaves_the_context_to_decide() -> None:
    assert apply("a\nb\n", "@@ def nowhere():\n-b\n+c") == "a\nc\n"
    assert apply("a\nb\n", "@@ -1,2 +1,2 @@\n-b\n+c") == "a\nc\n"
    with pytest.raises(PatchError, match="line 1 and at line 3"):
        apply("b\na\nb\n", "@@ def nowhere():\n-b\n+c")
    with pytest.raises(PatchError, match="no lines that say where"):
        apply("b\na\nb\n", "@@ def nowhere():\n+c")


def test_lines_without_context_go_below_their_header_or_to_the_end() -> None:
    assert apply("a\nb\n", "@@ a\n+n") == "a\nn\nb\n"
    assert apply("a\nb\n", "@@\n+n\n*** End of File") == "a\nb\nn\n"
    assert apply("", "@@\n+n") == "n\n"


def test_end_of_file_decides_between_two_places() -> None:
    assert apply("a\nb\na\n", "@@\n-a\n+x\n*** End of File") == "a\nb\nx\n"


def test_hunks_may_share_context_but_not_lines_that_they_change() -> None:
    assert apply("a\nb\nc\n", "@@\n-a\n+x\n b\n@@\n b\n-c\n+y") == "x\nb\ny\n"
    with pytest.raises(PatchError, match="Two hunks change line"):
        apply("a\nb\nc\n", "@@\n a\n-b\n+x\n@@\n-b\n+y\n c")


def test_an_empty_line_that_parts_two_sections_is_no_context() -> None:
    text = "*** Begin Patch\n*** Update File: f\n@@\n-a\n+b\n\n*** Delete File: g\n\n*** End Patch"
    change, delete = parse(text)
    assert isinstance(change, Update)
    assert updated("a\nc\n", change) == "b\nc\n"
    assert delete == Delete("g")


def test_an_error_shows_what_is_there_instead() -> None:
    with pytest.raises(PatchError, match="line 2 should be `b`, but is `x`"):
        apply("a\nx\n", "@@\n a\n-b\n+c")
    with pytest.raises(PatchError, match="but is the end of the file"):
        apply("a\n", "@@\n a\n-b\n+c")
    with pytest.raises(PatchError, match="first line `q` is not in the file"):
        apply("a\n", "@@\n-q\n+c")


WHOLE = "*** Begin Patch\n*** Add File: f\n+x\n*** End Patch"


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        f"{WHOLE}\n",
        f"```\n{WHOLE}\n```",
        f"```diff\n{WHOLE}\n```\n",
        f"apply_patch <<'EOF'\n{WHOLE}\nEOF\n",
        f'applypatch << "PATCH"\n{WHOLE}\nPATCH',
        json.dumps({"patch": WHOLE}),
        json.dumps({"input": WHOLE}),
        json.dumps(WHOLE),
        '{"input": "' + WHOLE + '"}',
    ],
)
def test_the_wrappers_that_models_write_are_tolerated(body: str) -> None:
    assert parse(patch_text(body)) == (Add("f", "x\n"),)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "has to begin"),
        ("*** Begin Patch\n*** Add File: f\n+x", "not finished"),
        ("*** Begin Patch\n*** End Patch", "empty"),
        (f"{WHOLE}\n{WHOLE}", "Only one patch"),
        ("*** Begin Patch\n*** Add File: \n+x\n*** End Patch", "path is missing"),
        ("*** Begin Patch\n*** Add File: f\nx\n*** End Patch", "Line 3 .* begins with `\\+`"),
        ("*** Begin Patch\n*** Update File: f\n*** End Patch", "no hunk"),
        ("*** Begin Patch\n*** Update File: f\n@@\nx\n*** End Patch", "Line 4"),
        ("*** Begin Patch\nx\n*** End Patch", "Line 2"),
        ("*** Begin Patch\n*** Add File: f\n+\0\n*** End Patch", "characters"),
        ('{"patch": 1}', "the patch alone"),
        ('{"patch": "a", "path": "b"}', "the patch alone"),
        ('{"patch": "', "not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(body: str, said: str) -> None:
    with pytest.raises(PatchError, match=said):
        parse(patch_text(body))


def test_a_move_needs_no_hunk() -> None:
    (change,) = parse("*** Begin Patch\n*** Update File: a\n*** Move to: b\n*** End Patch")
    assert change == Update("a", "b", ())
    assert isinstance(change, Update)
    assert updated("x\r\ny", change) == "x\r\ny"
