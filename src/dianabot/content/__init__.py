"""Content as authors write it: packs of YAML and Twee 3, read and written, drawn, proved and played before publishing.

What is read becomes a `vocabulary.world.World`, and operations publish it; only `store` reaches the database.
"""
