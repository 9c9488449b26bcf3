"""A sealer of the tests: it turns texts round instead of encrypting them, so that recorded examples stay readable for ever."""

import hashlib
from collections.abc import Collection


class Turner:
    """Implements `engine.ports.Sealer` without keys; `destroyed` streams are erased."""

    def __init__(self) -> None:
        self.destroyed: set[str] = set()

    def seal(self, stream: str, text: str) -> str:
        return "" if stream in self.destroyed else f"turned {text[::-1]}"

    def unseal(self, stream: str, sealed: str) -> str | None:
        return None if stream in self.destroyed else sealed.removeprefix("turned ")[::-1]

    def prepare(self, streams: Collection[str], *, make: bool) -> None:
        """There are no keys to be got."""

    def fingerprint(self, text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:32]
