"""Stored, then acknowledged: no update is lost, none is worked off twice with effect, and none holds up the others."""
