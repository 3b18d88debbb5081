"""The prompt inspector: what the model would see next, token by token."""
