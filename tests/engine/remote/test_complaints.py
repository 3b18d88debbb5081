"""Errors of the network and of servers in words."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.engine.remote.address import parse_address
from chat_tui.engine.remote.complaints import (
    broken_off,
    context_told,
    own_words,
    refused,
    unreachable,
)
from chat_tui.untrusted import clean_line

WHERE = parse_address("https://models.example:8443")


def certificate() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate\x1b[2J"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (certificate(), "not trusted: self-signed certificate"),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "does not speak TLS"),
        (socket.gaierror(-2, "unknown"), "no host models.example"),
        (ConnectionRefusedError(111, "refused"), "Nothing listens at models.example:8443"),
        (TimeoutError(), "does not answer"),
        (BadStatusLine("x"), "does not speak HTTP"),
        (OSError(113, "No route to host"), "No route to host"),
        (OSError(), "no reason given"),
    ],
)
def test_why_there_is_no_connection(error: Exception, words: str) -> None:
    told = unreachable(error, WHERE)
    assert words in told.message
    assert told.hint
    assert "\x1b" not in str(told)


def test_silence_is_told_apart_from_a_line_that_broke() -> None:
    assert "silent" in broken_off(TimeoutError(), WHERE).message
    assert "broke off" in broken_off(ConnectionResetError(), WHERE).message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": {"message": "out of memory"}}', "out of memory"),
        ('{"error": "model not found"}', "model not found"),
        ('{"detail": [{"msg": "too long"}, {"msg": "and wrong"}]}', "too long; and wrong"),
        ('{"object": "error", "message": "no"}', "no"),
        ("<html><title>Bad &amp; sad</title><body>x</body></html>", "Bad & sad"),
        ("<p>plain <b>page</b></p><script>alert(1)</script>", "plain page"),
        ("just words\x1b]0;owned\x07", "just words"),
        ("[" * 100_000, "["),
        ("", ""),
    ],
)
def test_what_a_server_says_is_found(body: str, words: str) -> None:
    said = own_words(body.encode())
    assert said.startswith(words)
    assert len(said) < 300


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ('{"error":{"code":400,"type":"exceed_context_size_error","n_ctx":4096}}', 4096),
        ("This model's maximum context length is 8192 tokens, however", 8192),
        ("Requested tokens (2048) exceed context window of 2048", 2048),
        ("The decoder prompt is longer than the maximum model length of 1024", 1024),
        ("out of memory", None),
    ],
)
def test_the_context_that_an_error_names_is_found(body: str, size: int | None) -> None:
    assert context_told(body.encode()) == size


@settings(max_examples=60, deadline=None)
@given(st.integers(201, 599), st.binary(max_size=300))
def test_any_refusal_is_an_error_that_can_be_shown(status: int, body: bytes) -> None:
    error = refused(status, {"location": "\x1b[2J\nx", "retry-after": "soon"}, body, WHERE, "k")
    assert error.message == clean_line(error.message)
    assert error.hint == clean_line(error.hint)
