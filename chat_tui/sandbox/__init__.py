"""Walls round code that a model wrote; which ones there are depends on the machine."""
