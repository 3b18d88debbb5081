"""The child process that holds the model. Nothing outside it imports this package."""
