"""Pure values that every slice may speak. Nothing here reads a database, a clock or chance."""
