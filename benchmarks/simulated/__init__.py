"""The bot's core on a virtual clock, among malls in memory: the same seed gives the same life."""
