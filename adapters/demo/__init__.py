"""The demo: a morning between two stand-ins, on a database of its own that nobody else's log is near.

Everything in it is the real thing but the two systems: PostgreSQL, HTTP, webhooks, OAuth, the limits and every loop.
"""

from adapters.demo.command import demo_command

__all__ = ["demo_command"]
