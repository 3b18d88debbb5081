"""Conversations from ChatGPT's export and from LM Studio."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Role
from chat_tui.errors import InputError
from chat_tui.store.imports import read, read_file
from chat_tui.store.values import Stored


def node(
    key: str, parent: str | None, role: str, content: Any, *children: str, **more: Any
) -> dict[str, Any]:
    """A node of ChatGPT's mapping."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    message = {
        "id": key,
        "author": {"role": role, "name": more.pop("name", None), "metadata": {}},
        "create_time": 1700000001.5,
        "update_time": None,
        "content": content,
        "status": "finished_successfully",
        "metadata": more.pop("metadata", {}),
        "recipient": more.pop("recipient", "all"),
    }
    return {"id": key, "message": message, "parent": parent, "children": list(children)}


CHATGPT = {
    "title": "Weather",
    "create_time": 1700000000.25,
    "update_time": 1700000100.0,
    "current_node": "g",
    "default_model_slug": "gpt-5",
    "mapping": {
        "root": {"id": "root", "message": None, "parent": None, "children": ["s"]},
        "s": node("s", "root", "system", "", "a"),
        "a": node("a", "s", "user", "How is the weather?", "b", "z"),
        "b": node(
            "b",
            "a",
            "assistant",
            {"content_type": "thoughts", "thoughts": [{"summary": "Hm", "content": "Look."}]},
            "c",
        ),
        "c": node(
            "c",
            "b",
            "assistant",
            {"content_type": "code", "language": "json", "text": '{"q": "weather"}'},
            "d",
            recipient="web.search",
        ),
        "d": node(
            "d",
            "c",
            "tool",
            {"content_type": "execution_output", "text": "Rain"},
            "e",
            name="web.search",
        ),
        "e": node(
            "e", "d", "assistant", {"content_type": "reasoning_recap", "content": "5 s"}, "g"
        ),
        "g": node("g", "e", "assistant", "It rains.", metadata={"model_slug": "gpt-5-thinking"}),
        "z": node(
            "z",
            "a",
            "assistant",
            {
                "content_type": "multimodal_text",
                "parts": [
                    "A picture:",
                    {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"},
                ],
            },
        ),
    },
}

LM_STUDIO = {
    "name": "Sky",
    "pinned": True,
    "createdAt": 1754557798069,
    "lastUsedModel": {"identifier": "openai/gpt-oss-20b"},
    "messages": [
        {
            "versions": [
                {
                    "type": "singleStep",
                    "role": "user",
                    "content": [{"type": "text", "text": "Why?"}],
                }
            ],
            "currentlySelected": 0,
        },
        {
            "versions": [
                {"type": "singleStep", "role": "assistant", "content": "First try."},
                {
                    "type": "multiStep",
                    "role": "assistant",
                    "senderInfo": {"senderName": "gpt-oss"},
                    "steps": [
                        {
                            "type": "contentBlock",
                            "style": {"type": "thinking", "ended": True},
                            "content": [{"type": "text", "text": "Blue."}],
                        },
                        {
                            "type": "contentBlock",
                            "content": [
                                {
                                    "type": "toolCallRequest",
                                    "name": "look",
                                    "parameters": {"up": True},
                                }
                            ],
                        },
                        {
                            "type": "contentBlock",
                            "roleOverride": "tool",
                            "content": [
                                {"type": "toolCallResult", "name": "look", "content": "blue"}
                            ],
                        },
                        {"type": "toolStatus"},
                        {"type": "hologram"},
                        {
                            "type": "contentBlock",
                            "content": [{"type": "text", "text": "Rayleigh."}],
                        },
                    ],
                },
            ],
            "currentlySelected": 1,
        },
        {
            "versions": [
                {
                    "type": "singleStep",
                    "role": "user",
                    "content": [{"type": "file", "fileIdentifier": "1.png"}],
                }
            ],
            "currentlySelected": 0,
        },
    ],
}


def said(stored: Stored) -> list[tuple[Role, str | None, str | None, str]]:
    return [
        (one.role, one.channel, one.recipient, one.content) for one in stored.conversation.messages
    ]


def test_a_conversation_of_chatgpt() -> None:
    found = read(json.dumps([CHATGPT, CHATGPT]).encode(), "conversations.json")
    assert len(found.conversations) == 2
    stored = found.conversations[0]
    assert said(stored) == [
        (Role.USER, None, None, "How is the weather?"),
        (Role.ASSISTANT, ANALYSIS, None, "Hm\nLook."),
        (Role.ASSISTANT, COMMENTARY, "web.search", '{"q": "weather"}'),
        (Role.TOOL, COMMENTARY, "assistant", "Rain"),
        (Role.ASSISTANT, FINAL, None, "It rains."),
    ]
    assert (stored.title, stored.created, stored.updated) == ("Weather", 1700000000.25, 1.7e9 + 100)
    assert stored.conversation.head is not None
    assert stored.facts[stored.conversation.head].model == "gpt-5-thinking"
    other = stored.conversation.siblings(1)[1]
    assert stored.conversation.nodes[other].message.content == "A picture:\n[image]"
    assert found.skipped == ("entry 1: 1 × image", "entry 2: 1 × image")


def test_the_archive_that_chatgpt_sends() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("chat.html", "<html>")
        archive.writestr("conversations-000.json", json.dumps([CHATGPT]))
        archive.writestr("conversations-001.json", json.dumps([CHATGPT]))
    assert len(read(data.getvalue(), "export.zip").conversations) == 2


def test_a_conversation_of_lm_studio() -> None:
    found = read(json.dumps(LM_STUDIO).encode(), "1.conversation.json")
    (stored,) = found.conversations
    assert said(stored) == [
        (Role.USER, None, None, "Why?"),
        (Role.ASSISTANT, ANALYSIS, None, "Blue."),
        (Role.ASSISTANT, COMMENTARY, "functions.look", '{"up": true}'),
        (Role.TOOL, COMMENTARY, "assistant", "blue"),
        (Role.ASSISTANT, FINAL, None, "Rayleigh."),
        (Role.USER, None, None, "[file]"),
    ]
    first = stored.conversation.siblings(2)[0]
    assert stored.conversation.nodes[first].message.content == "First try."
    assert (stored.title, stored.pinned, stored.created) == ("Sky", True, 1754557798.069)
    assert stored.facts[2].model == "gpt-oss"
    assert found.skipped == ("entry 1: 1 × file", "entry 1: 1 × step of the kind hologram")


def test_a_folder_of_files_and_those_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "1.conversation.json").write_text(json.dumps(LM_STUDIO))
    (tmp_path / "2.json").write_text("nonsense")
    found = read_file(tmp_path)
    assert len(found.conversations) == 1
    assert any("2.json" in what for what in found.skipped)
    with pytest.raises(InputError):
        read_file(tmp_path / "nowhere.json")


def test_a_mapping_with_circles_and_holes_ends() -> None:
    document = {
        "mapping": {
            "a": node("a", "gone", "user", "Hi", "b", "missing"),
            "b": node("b", "a", "assistant", "Ho", "a", "b"),
            "c": "no node",
        }
    }
    (stored,) = read(json.dumps(document).encode(), "x").conversations
    assert [one.content for one in stored.conversation.messages] == ["Hi", "Ho"]


def paths_in(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = [at] if at else []
    for key, item in items if isinstance(value, dict | list) else ():
        found += paths_in(item, (*at, key)) if isinstance(item, dict | list) else [(*at, key)]
    return found


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_field_the_file_is_read_or_refused(data: st.DataObject) -> None:
    document: Any = json.loads(json.dumps(data.draw(st.sampled_from([CHATGPT, LM_STUDIO]))))
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(paths_in(document)))
        place = document
        for key in path:
            place = place[key]
        place[last] = data.draw(
            st.sampled_from([None, 0, -1, 1e300, "x", "", [], {}, [None], [[]], {"a": 1}, True])
        )
    try:
        found = read(json.dumps(document).encode(), "x")
    except InputError:
        return
    for stored in found.conversations:
        assert stored.conversation.messages is not None
        assert len(stored.facts) == len(stored.conversation.nodes)
