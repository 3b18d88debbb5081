"""Model files: what is in them, before anything heavier opens them."""
