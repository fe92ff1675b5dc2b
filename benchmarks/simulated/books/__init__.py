"""The books in dictionaries: what ``bot.store.books`` keeps in a database, for thousands of lives a minute.

They fulfil ``bot.sync.ports``; a test holds both against each other, entry by entry.
"""

from benchmarks.simulated.books.ledger import Past
from benchmarks.simulated.books.readback import ReadBooks as MemoryBooks

__all__ = ["MemoryBooks", "Past"]
