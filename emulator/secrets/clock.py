"""The clock that schedules and retries go by. It runs in real time and can be moved forward.

A test that wants the rotation of next month advances the clock; nothing sleeps. Dates that AWS would show
(CreatedDate, LastRotatedDate, NextRotationDate) are taken from it, so that they stay in order after an advance.
Request signatures keep using real time.
"""

import time
from collections.abc import Callable

from .notice import Notice

# Nothing is due: look again after this many seconds anyway, in case the machine slept.
_IDLE_SECONDS = 30.0


class Clock:
    def __init__(self) -> None:
        self.advanced = 0.0
        """How far this clock runs ahead of real time, in seconds."""
        self._notice = Notice()

    def now(self) -> float:
        """Seconds since the epoch, in whole milliseconds: the resolution that AWS's dates have."""
        return round(time.time() + self.advanced, 3)

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.advanced += seconds
        self.wake()

    def wake(self) -> None:
        """Make everyone who waits look again at what they wait for."""
        self._notice.wake()

    async def wait_until(self, due: float, given_up: Callable[[], bool]) -> None:
        """Return once `due` has come on this clock, or `given_up()` holds."""
        while not given_up() and (left := due - self.now()) > 0:
            await self._notice.wait(min(left, _IDLE_SECONDS))

    async def wait_for_wake(self, due: float | None) -> None:
        """Return at the next wake, or when `due` has come."""
        left = _IDLE_SECONDS if due is None else due - self.now()
        await self._notice.wait(min(left, _IDLE_SECONDS))


clock = Clock()
