"""The list of kept conversations: rows, the screen they are on, and what is done with them."""
