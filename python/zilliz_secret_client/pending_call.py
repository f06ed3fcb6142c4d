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
from .drivers import Repeater
from .events import call_safely

RefusalTest: TypeAlias = Callable[[grpc.StatusCode, str], bool]


class FailedAttempt(Exception):
    """An attempt of a call ended with another code than OK."""

    def __init__(self, attempt: Any, code: grpc.StatusCode, details: str | None) -> None:
        super().__init__(code)
        self.attempt = attempt
        self.code = code
        self.details = details or ""


def new_call(repeater: Repeater, is_refusal: RefusalTest, timeout: float | None) -> Call:
    def is_refused(error: Exception) -> bool:
        if not isinstance(error, FailedAttempt):
            # The attempt was not sent, as on a closed channel. So its version must not be adopted.
            raise error
        # Its frames lead back to the call, so only the garbage collector would free both.
        error.__traceback__ = None
        verdict: list[bool] = []
        call_safely(lambda: verdict.append(is_refusal(error.code, error.details)))
        return verdict == [True]

    return repeater.new_call(is_refused, timeout)


class PendingCall:
    """The future of a call. If the call is refused, a thread repeats it."""

    def __init__(self, call: Call, repeater: Repeater, send: Callable[[Credential], Any]) -> None:
        self._call = call
        self._repeater = repeater
        self._send = send
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

    def _raise_failure(self) -> None:
        code = self._attempt.code()
        if code is not grpc.StatusCode.OK:
            raise FailedAttempt(self._attempt, code, self._attempt.details())

    def _end_first(self, _first: Any) -> None:
        if self._attempt.code() is grpc.StatusCode.OK and not self._repeater.is_interrupted:
            self._repeater.accepted(self._call)
            self._settle()
            return
        try:
            # gRPC needs its own thread for all calls of the channel. The listener of an event may
            # take its time, or wait for such a call.
            threading.Thread(target=self._end, name="zilliz-secret-client-call", daemon=True).start()
        except RuntimeError:
            # The process has as many threads as it may have. The application gets this answer.
            self._end(repeats=False)

    def _end(self, repeats: bool = True) -> None:
        try:
            with self._repeater.outcome(self._call):
                self._raise_failure()
            if repeats and self._call.is_refused:
                # If the channel is closed, the call ends with its refusal.
                with suppress(ValueError):
                    self._repeater.repeat(self._call, self._repeat)
            if self._call.error is None:
                self._repeater.accepted(self._call)
        finally:
            self._settle()

    def _repeat(self, credential: Credential) -> bool:
        with self._repeater.outcome(self._call):
            self._attempt = self._send(credential)
            if self._call.is_cancelled:
                self._attempt.cancel()
            self._raise_failure()
        return self._call.is_refused

    def _settle(self) -> None:
        # The application may have cancelled the call.
        with suppress(InvalidStateError):
            self._settled.set_result(None)
