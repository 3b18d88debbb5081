"""The machines that take layers of a model: llama.cpp's RPC servers, as the user names them.

Knows how they are written; opens no connection (the runner does). Their protocol is neither
encrypted nor guarded by a key, so whoever names one should trust the network between.
"""

from __future__ import annotations

from chat_tui.engine.remote.address import Address, parse_address
from chat_tui.errors import UsageError
from chat_tui.language import N_, _

MOST = 16
"""Servers; GGML_RPC_MAX_SERVERS in ggml-rpc.h."""
_HINT = N_("They are written like 192.168.1.7:50052,192.168.1.8:50052.")


def rpc_servers(text: str) -> tuple[Address, ...]:
    """The servers in a list with commas, each once; none in an empty one. Raises UsageError."""
    found: list[Address] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        _host, colon, port = part.rpartition(":")
        if not colon or not port.isdecimal() or "/" in part:
            raise UsageError(_("An RPC server is named by host and port."), _(_HINT))
        address = parse_address(part)
        if address not in found:
            found.append(address)
    if len(found) > MOST:
        most = _("llama.cpp takes {n} RPC servers at most.").format(n=MOST)
        raise UsageError(most, _(_HINT))
    return tuple(found)


def endpoint(address: Address) -> str:
    """A server as llama.cpp writes it."""
    return f"{address.host}:{address.port}"


def hosts(servers: tuple[Address, ...]) -> str:
    """Those that are not this machine, for people; empty where there are none."""
    away = [endpoint(server) for server in servers if not server.is_here]
    return f"{away[0]} +{len(away) - 1}" if len(away) > 1 else "".join(away)
