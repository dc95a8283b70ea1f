"""The story: what is told, what is found in it, and who tells it."""
