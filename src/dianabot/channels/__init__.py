"""The club: who belongs to it, and until when."""
