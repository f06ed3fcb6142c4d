"""Waiting for a condition: whoever changes something wakes everyone, and each looks whether it was theirs."""

import asyncio


class Notice:
    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next wake, or after this time."""
        waiting = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait([waiting], timeout=max(seconds, 0))
        waiting.cancel()
