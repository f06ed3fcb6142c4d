"""Runs the steps of a recovery, in a thread or in a task of asyncio."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import closing, suppress
from enum import Enum

from .call import Call
from .credential import Credential
from .reader import VersionReader
from .recovery import Send, Steps, Wait, repetitions
from .state import State


class Outcome(Enum):
    """What an attempt says about the credential. FAILED says nothing."""

    ACCEPTED = 1
    REFUSED = 2
    FAILED = 3


class Repeater:
    """Sends calls, and repeats the calls that the cluster refuses."""

    def __init__(self, state: State, reader: VersionReader) -> None:
        self._state = state
        self._reader = reader

    @property
    def current(self) -> Credential:
        return self._state.current

    def new_call(self, timeout: float | None) -> Call:
        return Call(math.inf if timeout is None else time.monotonic() + timeout, self._state.timing.budget)

    @property
    def failure(self) -> Exception | None:
        """Why the last round found no version."""
        return self._state.last_round.failure if self._state.last_round else None

    def run(self, call: Call, attempt: Callable[[Credential], Outcome]) -> None:
        if self.note(call, attempt(self.current)):
            self.repeat(call, attempt)

    def repeat(self, call: Call, attempt: Callable[[Credential], Outcome]) -> None:
        """Repeats a call that was refused."""
        with closing(repetitions(self._state, self._reader, call)) as steps:
            reply = None
            while step := _next(steps, reply):
                reply = _wait(step) if isinstance(step, Wait) else self._repeated(call, attempt(step.credential))
        self._end(call)

    async def run_async(self, call: Call, attempt: Callable[[Credential], Awaitable[Outcome]]) -> None:
        if not self.note(call, await attempt(self.current)):
            return
        with closing(repetitions(self._state, self._reader, call)) as steps:
            reply = None
            while step := _next(steps, reply):
                if isinstance(step, Wait):
                    reply = await _wait_async(step)
                else:
                    reply = self._repeated(call, await attempt(step.credential))
        self._end(call)

    def note(self, call: Call, outcome: Outcome) -> bool:
        """Notes the outcome of a first attempt. Returns whether the call was refused."""
        is_refused = self._repeated(call, outcome)
        self._end(call)
        return is_refused

    def _repeated(self, call: Call, outcome: Outcome) -> bool:
        call.is_accepted = outcome is Outcome.ACCEPTED
        if outcome is Outcome.REFUSED:
            self._state.refused(call)
        return outcome is Outcome.REFUSED

    def _end(self, call: Call) -> None:
        if call.is_accepted:
            self._state.accepted(call)


def _next(steps: Steps, reply: bool | None) -> Wait | Send | None:
    try:
        # A generator starts with None.
        return steps.send(reply)  # type: ignore[arg-type]
    except StopIteration:
        return None


def _seconds(step: Wait) -> float | None:
    return None if step.until == math.inf else max(0.0, step.until - time.monotonic())


def _wait(step: Wait) -> bool:
    seconds = _seconds(step)
    if step.future is None:
        time.sleep(seconds or 0)
        return False
    with suppress(CancelledError, FutureTimeoutError):
        step.future.exception(seconds)
    return step.future.done()


async def _wait_async(step: Wait) -> bool:
    seconds = _seconds(step)
    if step.future is None:
        await asyncio.sleep(seconds or 0)
        return False
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def notify(_future: object) -> None:
        # A task that was cancelled may leave a loop that is closed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    step.future.add_done_callback(notify)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(done.wait(), seconds)
    return step.future.done()
