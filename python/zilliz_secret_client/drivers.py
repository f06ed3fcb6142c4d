"""Runs the steps of a recovery, in a thread or in a task of asyncio."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import closing, contextmanager, suppress
from typing import TypeVar

from .call import Call
from .credential import Credential
from .reader import VersionReader
from .recovery import Send, Steps, Wait, repetitions
from .state import State

T = TypeVar("T")


class Repeater:
    """Sends calls, and repeats the calls that the cluster refuses."""

    def __init__(self, state: State, reader: VersionReader) -> None:
        self._state = state
        self._reader = reader

    @property
    def current(self) -> Credential:
        return self._state.current

    @property
    def is_interrupted(self) -> bool:
        return self._state.is_interrupted

    def new_call(self, is_refusal: Callable[[Exception], bool], timeout: float | None) -> Call:
        return Call(is_refusal, timeout, self._state.timing.budget)

    def run(self, call: Call, send: Callable[[Credential], T]) -> T:
        """Returns the answer to the last attempt, or raises its error."""
        answers: list[T] = []

        def attempt(credential: Credential) -> bool:
            call.sent(credential)
            with self.outcome(call):
                answers.append(send(credential))
            return call.is_refused

        if attempt(self.current):
            self.repeat(call, attempt)
        self._end(call)
        return answers[-1]

    async def run_async(self, call: Call, send: Callable[[Credential], Awaitable[T]]) -> T:
        answers: list[T] = []

        async def attempt(credential: Credential) -> bool:
            call.sent(credential)
            with self.outcome(call):
                answers.append(await send(credential))
            return call.is_refused

        if await attempt(self.current):
            with closing(repetitions(self._state, self._reader, call)) as steps:
                reply = None
                while step := _next(steps, reply):
                    reply = await (_wait_async(step) if isinstance(step, Wait) else attempt(step.credential))
        self._end(call)
        return answers[-1]

    def repeat(self, call: Call, attempt: Callable[[Credential], bool]) -> None:
        """Repeats a call that was refused. The attempt tells whether it was refused."""
        with closing(repetitions(self._state, self._reader, call)) as steps:
            reply = None
            while step := _next(steps, reply):
                reply = _wait(step) if isinstance(step, Wait) else attempt(step.credential)

    @contextmanager
    def outcome(self, call: Call) -> Iterator[None]:
        """Notes how an attempt ends, and suppresses its error."""
        call.error, call.is_refused = None, False
        try:
            yield
        except Exception as error:
            call.error = error
            call.is_refused = call.is_refusal(error)
        if call.is_refused:
            self._state.refused(call)

    def accepted(self, call: Call) -> None:
        """The last attempt had no error."""
        self._state.accepted(call)

    def _end(self, call: Call) -> None:
        if call.error is None:
            self.accepted(call)
            return
        if call.is_refused and call.error.__cause__ is None and self._state.last_round:
            call.error.__cause__ = self._state.last_round.failure
        raise call.error


def _next(steps: Steps, reply: bool | None) -> Wait | Send | None:
    try:
        # A generator starts with None.
        return steps.send(reply)  # type: ignore[arg-type]
    except StopIteration:
        return None


def _seconds(step: Wait) -> float | None:
    return None if step.until == math.inf else max(0.0, step.until - time.monotonic())


def _wait(step: Wait) -> bool:
    with suppress(CancelledError, FutureTimeoutError):
        step.future.exception(_seconds(step))
    return step.future.done()


async def _wait_async(step: Wait) -> bool:
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def notify(_future: object) -> None:
        # A task that was cancelled may leave a loop that is closed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set_result, None)

    step.future.add_done_callback(notify)
    # Before Python 3.12, asyncio.wait_for loses a cancellation that comes when the wait is over.
    await asyncio.wait([done], timeout=_seconds(step))
    return step.future.done()
