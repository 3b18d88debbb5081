"""The process between this program and one MCP server.

Run as ``python -P -m chat_tui.tools.mcp_host DESCRIPTOR`` by ``mcp_connection`` alone. The server
is in this process's group; when the program is gone, however it went, all of it is ended.

    in:   {"id": 1, "open": {"command", "args", "env", "inherit", "cwd"}, "seconds": 60}
          {"id": 2, "call": "…", "arguments": {…}, "approved": "…"} · {"id": 3, "ping": true}
          {"cancel": 2} · {"close": true}
    out:  {"id": 1, "tools": […]} · {"id": 2, "progress": "…"}
          {"id": 2, "text": "…", "failed": false, "images": […]} · {"id": 2, "changed": true}
          {"id": 3, "pong": true} · {"id": 2, "error": "…", "gone": true, "said": "…"}
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import warnings
from typing import Any

from chat_tui.tools.kernel_main import streams
from chat_tui.tools.mcp_process import adopt_orphans, kill_all


async def _main(descriptor: int) -> None:
    """Serve until the program closes its end, or the server is gone."""
    frames = streams(descriptor)
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def listen() -> None:
        try:
            while (frame := frames.read()) is not None:
                loop.call_soon_threadsafe(inbox.put_nowait, frame)
        finally:
            kill_all()

    threading.Thread(target=listen, name="frames", daemon=True).start()
    try:
        # Only now: the program may go while this is being loaded.
        from chat_tui.tools.mcp_sdk import serve  # noqa: PLC0415

        await serve(frames, inbox)
    finally:
        kill_all()


if __name__ == "__main__":
    # What the SDK has to say about a server's faults would fill a pipe that nobody reads.
    logging.disable()
    warnings.simplefilter("ignore")
    adopt_orphans()
    asyncio.run(_main(int(sys.argv[1])))
