"""The one room that knows everybody: it builds an engine from settings, and runs it."""

from adapters.wiring.engine import Engine, open_database, wire
from adapters.wiring.running import Running

__all__ = ["Engine", "Running", "open_database", "wire"]
