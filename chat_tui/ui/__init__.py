"""The full-screen face: widgets that draw what the session yields."""
