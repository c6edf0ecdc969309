"""Where the mock keeps its records. A store reads what queries ask for and commits effects, all or none."""

from understudy.mockserver.stores.dumps import MalformedDump
from understudy.mockserver.stores.limits import Limits
from understudy.mockserver.stores.memory import MemoryStore
from understudy.mockserver.stores.opening import open_store
from understudy.mockserver.stores.store import Store, StoreFull, StoreUnavailable

__all__ = ["Limits", "MalformedDump", "MemoryStore", "Store", "StoreFull", "StoreUnavailable", "open_store"]
