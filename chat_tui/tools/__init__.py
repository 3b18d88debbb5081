"""What the model can do besides talking: one shape for all tools, built-in and the user's own."""
