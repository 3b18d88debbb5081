"""Settings and themes on the screen."""
