"""Calls of gRPC that may have to be repeated. pymilvus sends most calls with `future`."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import Any, TypeAlias

import grpc

from .call import Call
from .credential import Credential
from .drivers import Outcome, Repeater
from .events import call_safely

RefusalTest: TypeAlias = Callable[[grpc.StatusCode, str], bool]


def outcome_of(code: grpc.StatusCode, details: str | None, is_refusal: RefusalTest) -> Outcome:
    if code is grpc.StatusCode.OK:
        return Outcome.ACCEPTED
    verdict: list[bool] = []
    call_safely(lambda: verdict.append(is_refusal(code, details or "")))
    return Outcome.REFUSED if verdict == [True] else Outcome.FAILED


class PendingCall:
    """The future of a call. If the call is refused, a thread repeats it."""

    def __init__(
        self, call: Call, repeater: Repeater, send: Callable[[Credential], Any], is_refusal: RefusalTest
    ) -> None:
        self._call = call
        self._repeater = repeater
        self._send = send
        self._is_refusal = is_refusal
        self._settled: Future[None] = Future()
        self._attempt = send(repeater.current)
        """The attempt that runs or, between two attempts and at the end, the last one."""
        self._attempt.add_done_callback(self._end_first)

    def result(self, timeout: float | None = None) -> Any:
        return self._last(timeout).result()

    def exception(self, timeout: float | None = None) -> Any:
        return self._last(timeout).exception()

    def traceback(self, timeout: float | None = None) -> Any:
        return self._last(timeout).traceback()

    def done(self) -> bool:
        return self._settled.done()

    def running(self) -> bool:
        return not self._settled.done()

    is_active = running

    def time_remaining(self) -> float | None:
        return self._call.time_remaining

    def cancel(self) -> bool:
        """Cancels the attempt that runs, and ends the repetitions."""
        self._call.is_cancelled = True
        is_cancelled = self._settled.cancel()
        self._attempt.cancel()
        return is_cancelled

    def cancelled(self) -> bool:
        return self._settled.cancelled()

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        self._settled.add_done_callback(lambda _settled: callback(self))

    def __getattr__(self, name: str) -> Any:
        """The other methods of a call, such as `code`, wait for its end."""
        with suppress(grpc.FutureCancelledError):
            self._last(None)
        return getattr(self._attempt, name)

    def _last(self, timeout: float | None) -> Any:
        try:
            self._settled.result(timeout)
        except CancelledError:
            raise grpc.FutureCancelledError from None
        except FutureTimeoutError:
            raise grpc.FutureTimeoutError from None
        return self._attempt

    def _outcome(self) -> Outcome:
        return outcome_of(self._attempt.code(), self._attempt.details(), self._is_refusal)

    def _end_first(self, _first: Any) -> None:
        if not self._repeater.note(self._call, self._outcome()):
            self._settle()
            return
        try:
            # gRPC needs its own thread for the next attempt.
            threading.Thread(target=self._repeat, name="zilliz-secret-client-call", daemon=True).start()
        except RuntimeError:
            # The process has as many threads as it may have. The application gets the refusal.
            self._settle()

    def _repeat(self) -> None:
        def attempt(credential: Credential) -> Outcome:
            self._attempt = self._send(credential)
            if self._call.is_cancelled:
                self._attempt.cancel()
            return self._outcome()

        try:
            self._repeater.repeat(self._call, attempt)
        finally:
            self._settle()

    def _settle(self) -> None:
        # The application may have cancelled the call.
        with suppress(InvalidStateError):
            self._settled.set_result(None)
