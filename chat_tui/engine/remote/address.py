"""The address of a server, checked before anything is sent there.

Knows URLs; opens no connection and looks up no name.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from chat_tui.errors import UsageError
from chat_tui.language import N_, _

_EXAMPLE = N_("It is written like http://127.0.0.1:8080 or https://models.example.org.")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    secure: bool
    """Whether it is spoken to through TLS."""
    host: str
    """A name or a number, without brackets."""
    port: int
    base: str = ""
    """What stands before every path; empty, or it begins with a slash and ends with none."""

    @property
    def is_here(self) -> bool:
        """Whether that is this machine: nothing said there leaves it."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def place(self) -> str:
        """Host, and port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def away(self) -> str:
        """Its place, to be told of; empty where that is this machine."""
        return "" if self.is_here else self.place

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return "https" if self.secure else "http"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}{self.base}"


def parse_address(text: str) -> Address:
    """The address that a text names; without a scheme it is http. Raises UsageError.

    A ``/v1`` at its end is left out: clients of OpenAI's API write it there, and every path begins
    with it here. A name or a password in it is refused and never repeated.
    """
    whole = text.strip()
    if "://" not in whole:
        whole = f"http://{whole}"
    try:
        parts = urlsplit(whole)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
    except ValueError:  # a UnicodeError is one
        raise UsageError(_("That is no address of a server."), _(_EXAMPLE)) from None
    if "@" in parts.netloc:
        raise UsageError(
            _("An address with a name or a password in it is not used."),
            _("A key belongs into the environment variable CHAT_TUI_ENGINE_KEY."),
        )
    if parts.scheme not in _PORTS or not host or port == 0 or parts.query or parts.fragment:
        raise UsageError(_("That is no address of a server."), _(_EXAMPLE))
    if any(not 0x20 < ord(letter) < 0x7F for letter in host + parts.path):
        raise UsageError(
            _("There are characters in that address that no address has."), _(_EXAMPLE)
        )
    base = parts.path.rstrip("/")
    base = base.removesuffix("/v1")
    return Address(parts.scheme == "https", host.lower(), port or _PORTS[parts.scheme], base)
