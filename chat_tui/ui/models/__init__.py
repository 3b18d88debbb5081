"""The models that can be had: the list, the screen it is on, downloads, and the change of model."""
