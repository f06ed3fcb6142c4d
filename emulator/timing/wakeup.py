"""A wake-up call to every task that waits for a change.

Each task then checks its own condition.
"""

import asyncio


class Wakeup:
    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next wake-up, or after this time."""
        waiting = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait([waiting], timeout=max(seconds, 0))
        waiting.cancel()
