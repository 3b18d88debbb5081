"""A server as people write them: with the official SDK."""

from __future__ import annotations

from pathlib import Path

from chat_tui.tools.mcp_connection import Connection, Never
from chat_tui.tools.mcp_told import fingerprint
from tests.tools.mcp_fixtures import server

SDK_SERVER = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("city")

@server.tool()
def forecast(city: str, days: int = 2) -> dict[str, list[int]]:
    "Temperatures of the next days."
    return {city: [20 + day for day in range(days)]}

server.run("stdio")
"""


def test_a_server_made_with_the_sdk_is_understood(tmp_path: Path) -> None:
    script = tmp_path / "city.py"
    script.write_text(SDK_SERVER)
    one = server(args=(str(script),))
    connection = Connection(one)
    try:
        list(connection.open(Never(), 60))
        (tool,) = connection.tools
        assert (tool["name"], tool["description"]) == ("forecast", "Temperatures of the next days.")
        frame = {
            "call": "forecast",
            "arguments": {"city": "Lima"},
            "approved": fingerprint([tool]),
        }
        *_, answer = connection.ask(frame, Never(), 60)
        assert isinstance(answer, dict)
        assert answer["text"].split() == ["{", '"Lima":', "[", "20,", "21", "]", "}"]
    finally:
        connection.close()
