"""The seam between the session and a model. See ``protocol`` for its shape."""
