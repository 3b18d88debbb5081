"""The benchmark: what this program adds to llama.cpp's speed, and what it spares a conversation."""
