"""Where the mock keeps its records. A store reads what queries ask for and commits effects, all or none."""

from understudy.mockserver.stores.memory import MemoryStore
from understudy.mockserver.stores.store import Store, StoreFull

__all__ = ["MemoryStore", "Store", "StoreFull"]
