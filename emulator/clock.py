"""The clock of schedules, retries, and the dates that AWS returns.

A test can advance the clock instead of waiting. Request signatures use the real time.
"""

import asyncio
import time
from collections.abc import Callable

# The longest wait without a look at the clock, because the machine can sleep.
_LONGEST_WAIT = 30.0


class Wakeup:
    """A wake-up call to every task that waits for a change. Each then checks its condition."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, seconds: float = _LONGEST_WAIT) -> None:
        """Return at the next wake-up, or after this time."""
        waiting = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait([waiting], timeout=max(seconds, 0))
        waiting.cancel()


class Clock:
    def __init__(self) -> None:
        self.advanced = 0.0
        """How far this clock is ahead of the real time, in seconds."""
        self._wakeup = Wakeup()

    def now(self) -> float:
        """Seconds since the epoch, rounded to milliseconds as the dates of AWS."""
        return round(time.time() + self.advanced, 3)

    def advance(self, seconds: float) -> None:
        self.advanced += seconds
        self.wake()

    def wake(self) -> None:
        """Let every waiting task check its condition."""
        self._wakeup.wake()

    async def wait_until(self, due: float, cancelled: Callable[[], bool]) -> None:
        """Return when this clock reaches `due`, or when `cancelled()` is true."""
        while not cancelled() and (left := due - self.now()) > 0:
            await self._wakeup.wait(min(left, _LONGEST_WAIT))

    async def wait_for_wake(self, due: float | None) -> None:
        """Return at the next wake-up, or when this clock reaches `due`."""
        left = _LONGEST_WAIT if due is None else due - self.now()
        await self._wakeup.wait(min(left, _LONGEST_WAIT))


clock = Clock()
