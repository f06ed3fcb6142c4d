"""Calls of gRPC that may have to be repeated. pymilvus sends most calls with `future`."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeAlias

import grpc

from .call import Call
from .drivers import Outcome, Repeater
from .events import call_safely

RefusalTest: TypeAlias = Callable[[grpc.StatusCode, str], bool]


def outcome_of(answer: Any, is_refusal: RefusalTest) -> Outcome:
    """Waits for the end of the call."""
    code = answer.code()
    if code is grpc.StatusCode.OK:
        return Outcome.ACCEPTED
    verdict: list[bool] = []
    call_safely(lambda: verdict.append(is_refusal(code, answer.details() or "")))
    return Outcome.REFUSED if verdict == [True] else Outcome.FAILED


class PendingCall:
    """The future of a call. If the call is refused, a thread repeats it."""

    def __init__(
        self, first: Any, call: Call, repeater: Repeater, repeat: Callable[[Any], Any], is_refusal: RefusalTest
    ) -> None:
        self._call = call
        self._first = first
        self._last: Future[Any] = Future()

        def run() -> None:
            try:
                self._last.set_result(repeat(first))
            except BaseException as error:
                self._last.set_exception(error)

        def finish(answer: Any) -> None:
            if repeater.note(call, outcome_of(answer, is_refusal)):
                # gRPC needs its own thread for the next attempt.
                threading.Thread(target=run, name="zilliz-secret-client-call", daemon=True).start()
            else:
                self._last.set_result(answer)

        first.add_done_callback(finish)

    def result(self, timeout: float | None = None) -> Any:
        return self._settled(timeout).result()

    def exception(self, timeout: float | None = None) -> Any:
        return self._settled(timeout).exception()

    def traceback(self, timeout: float | None = None) -> Any:
        return self._settled(timeout).traceback()

    def done(self) -> bool:
        return self._last.done()

    def running(self) -> bool:
        return not self._last.done()

    def cancel(self) -> bool:
        """Cancels the first attempt, or ends the repetitions."""
        self._call.is_cancelled = True
        return bool(self._first.cancel())

    def cancelled(self) -> bool:
        return self.done() and bool(self._settled(0).cancelled())

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        self._last.add_done_callback(lambda _last: callback(self))

    def __getattr__(self, name: str) -> Any:
        """The other methods of a call, such as `code`, wait for its end."""
        return getattr(self._settled(None), name)

    def _settled(self, timeout: float | None) -> Any:
        try:
            return self._last.result(timeout)
        except FutureTimeoutError:
            raise grpc.FutureTimeoutError from None
