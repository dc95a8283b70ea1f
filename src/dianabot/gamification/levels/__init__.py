"""Levels: experience points, and where they lift her."""

from dianabot.gamification.levels.events import LevelReached
from dianabot.gamification.levels.rules import Level, LevelsRules
from dianabot.gamification.levels.service import Levels

__all__ = ["Level", "LevelReached", "Levels", "LevelsRules"]
