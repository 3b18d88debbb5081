"""What people change: each setting with its words, and the file that they are written to."""
