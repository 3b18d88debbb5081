"""Other machines' devices: what is asked of llama.cpp's registry, and what goes wrong."""

from __future__ import annotations

import ctypes
import socket

import pytest

from chat_tui.engine.rpc import endpoint, hosts, rpc_servers
from chat_tui.errors import LoadError, UsageError
from chat_tui.runner.rpc import add_servers

_ADDED = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)


class Registry:
    """ggml's, with or without the backend; ``entry`` is what adding a server gives."""

    class _Function:
        def __init__(self, answer: object) -> None:
            self.restype: object = None
            self.answer = answer
            self.calls: list[tuple[object, ...]] = []

        def __call__(self, *words: object) -> object:
            self.calls.append(words)
            return self.answer

    def __init__(self, *, built_in: bool = True, entry: int = 77) -> None:
        self.servers: list[bytes] = []

        def add(name: bytes) -> int:
            self.servers.append(name)
            return entry

        self._add = _ADDED(add)
        address = ctypes.cast(self._add, ctypes.c_void_p).value
        self.ggml_backend_reg_by_name = self._Function(11 if built_in else None)
        self.ggml_backend_reg_get_proc_address = self._Function(address)
        self.ggml_backend_register = self._Function(None)


def there(_endpoint: str) -> str:
    return ""


def test_each_server_is_added_and_registered() -> None:
    registry = Registry()
    add_servers(registry, ["a:1", "b:2"], there)
    assert registry.servers == [b"a:1", b"b:2"]
    assert [one.value for (one,) in registry.ggml_backend_register.calls] == [77, 77]


def test_without_servers_nothing_is_asked() -> None:
    add_servers(object(), [], there)


def test_a_build_without_it_is_told_with_how_to_build_it() -> None:
    with pytest.raises(LoadError, match="not built in") as caught:
        add_servers(Registry(built_in=False), ["a:1"], there)
    assert "GGML_RPC=on" in caught.value.hint


def test_a_server_of_another_version_is_told() -> None:
    with pytest.raises(LoadError, match="another version"):
        add_servers(Registry(entry=0), ["a:1"], there)


def test_a_server_that_is_not_there_is_never_handed_to_llama_cpp() -> None:
    registry = Registry()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(LoadError, match="cannot be reached"):
        add_servers(registry, [f"127.0.0.1:{port}"])
    assert registry.servers == []


def test_servers_are_named_by_host_and_port() -> None:
    servers = rpc_servers("127.0.0.1:50052, node-7.example:50053,127.0.0.1:50052,")
    assert [endpoint(one) for one in servers] == ["127.0.0.1:50052", "node-7.example:50053"]
    assert hosts(servers) == "node-7.example:50053"
    assert hosts(rpc_servers("localhost:1")) == ""
    assert hosts(rpc_servers("a:1,b:2,c:3")) == "a:1 +2"
    assert rpc_servers("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "host",
        "host:",
        "host:port",
        "http://host:1",
        ":50052",
        "host:0",
        ",".join(f"h{n}:1" for n in range(17)),
    ],
)
def test_what_names_no_server_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        rpc_servers(text)
