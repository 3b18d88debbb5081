"""Devices of other machines, through llama.cpp's RPC backend.

Knows ggml's registry of backends (ggml-backend.h, ggml-rpc.h) and sockets as far as it takes to
see whether somebody listens: llama.cpp ends the process where nobody does. The backend is only
there where the library was built with it (``GGML_RPC``).
"""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Callable, Iterable
from typing import Any

from chat_tui.errors import LoadError
from chat_tui.language import _

CONNECTING = 5.0
"""Seconds that a server may take to answer."""
BACKEND = "RPC"
"""What llama.cpp calls the backend, and its devices' one begins with."""
REBUILD = 'CMAKE_ARGS="-DGGML_RPC=on" pip install --force-reinstall --no-cache-dir llama-cpp-python'


def add_servers(
    ggml: Any, endpoints: Iterable[str], listens: Callable[[str], str] | None = None
) -> None:
    """Let llama.cpp use the devices of these servers (``host:port``) like its own.

    ``listens`` says why a server cannot be reached, empty where it can. Raises LoadError.
    """
    listens = listens or _unreachable
    endpoints = tuple(endpoints)
    if not endpoints:
        return
    add = _add_server(ggml)
    for endpoint in endpoints:
        if why := listens(endpoint):
            raise LoadError(
                _("The RPC server {server} cannot be reached: {reason}.").format(
                    server=endpoint, reason=why
                ),
                _("Start it there ({command}), in a network that you trust.").format(
                    command="ggml-rpc-server -H 0.0.0.0 -p PORT"
                ),
            )
        if not (entry := add(endpoint.encode())):
            raise LoadError(
                _("The RPC server {server} has no device, or speaks another version.").format(
                    server=endpoint
                ),
                _("Both ends have to be built from the same llama.cpp."),
            )
        ggml.ggml_backend_register.restype = None
        ggml.ggml_backend_register(ctypes.c_void_p(entry))


def _add_server(ggml: Any) -> Callable[[bytes], int | None]:
    """The function of the backend that adds one. Raises LoadError where there is no backend."""
    ggml.ggml_backend_reg_by_name.restype = ctypes.c_void_p
    found = ggml.ggml_backend_reg_by_name(BACKEND.encode())
    address = None
    if found:
        ggml.ggml_backend_reg_get_proc_address.restype = ctypes.c_void_p
        address = ggml.ggml_backend_reg_get_proc_address(
            ctypes.c_void_p(found), b"ggml_backend_rpc_add_server"
        )
    if not address:
        raise LoadError(
            _(
                "This build of llama.cpp cannot use other machines: its RPC backend is not built"
                " in."
            ),
            _("Build it with that: {command}").format(command=REBUILD),
        )
    function: Callable[[bytes], int | None] = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(
        address
    )
    return function


def _unreachable(endpoint: str) -> str:
    host, _colon, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=CONNECTING):
            return ""
    except TimeoutError:
        return _("it does not answer")
    except OSError as error:
        return str(error.strerror or error)
