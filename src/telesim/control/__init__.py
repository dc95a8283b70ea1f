"""The other door: for the people of the world, for tests, load and tools."""
