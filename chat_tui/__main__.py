"""``python -m chat_tui`` is ``chat-tui``."""

import sys

from chat_tui.start import main

sys.exit(main())
