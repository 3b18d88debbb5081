"""chat_tui: talk to gpt-oss on your own machine, in a terminal, offline."""

__version__ = "0.1.0"
