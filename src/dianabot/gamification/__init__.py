"""The game: what is earned, kept and spent."""
