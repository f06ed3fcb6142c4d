"""The clock of schedules, retries, and the dates that AWS returns.

A test can advance the clock instead of waiting. Request signatures use the real time.
"""

import asyncio
import time

# The longest wait without a look at the clock, because the machine can sleep.
_LONGEST_WAIT = 30.0


class Clock:
    def __init__(self) -> None:
        self.advanced = 0.0
        """How far this clock is ahead of the real time, in seconds."""
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Seconds since the epoch, rounded to milliseconds as the dates of AWS."""
        return round(time.time() + self.advanced, 3)

    def advance(self, seconds: float) -> None:
        self.advanced += seconds
        self.wake()

    def wake(self) -> None:
        """Let every waiting task check its condition: of the time, or of a rotation."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, seconds: float = _LONGEST_WAIT) -> None:
        """Return at the next wake-up, or after this time at the latest."""
        waiting = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait([waiting], timeout=min(max(seconds, 0), _LONGEST_WAIT))
        waiting.cancel()


clock = Clock()
