"""The world: what exists, and that it lasts."""
