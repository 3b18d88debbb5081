"""A conversation in progress: the turn loop and who holds its state."""
