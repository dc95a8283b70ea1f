"""Content as authors write it: packs of YAML and Twee 3, read and written, drawn, proved and played before publishing.

Nothing here reaches the database: what is read becomes a `vocabulary.world.World`, and operations publish it.
"""
