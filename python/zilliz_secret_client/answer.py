"""What a call of `RotatingCredentials.use` has returned or raised."""

from collections.abc import Callable
from typing import Generic, TypeVar

from .drivers import Outcome, Repeater

T = TypeVar("T")


class Answer(Generic[T]):
    """What the last attempt of a call returned or raised."""

    def __init__(self, is_refusal: Callable[[Exception], bool]) -> None:
        self._is_refusal = is_refusal
        self._result: list[T] = []
        self._error: Exception | None = None
        self._is_refused = False

    def succeed(self, result: T) -> Outcome:
        self._result = [result]
        return Outcome.ACCEPTED

    def fail(self, error: Exception) -> Outcome:
        self._error = error
        self._is_refused = self._is_refusal(error)
        return Outcome.REFUSED if self._is_refused else Outcome.FAILED

    def get(self, repeater: Repeater) -> T:
        if self._result:
            return self._result[0]
        error = self._error or RuntimeError("The call was not sent.")
        if self._is_refused and error.__cause__ is None:
            error.__cause__ = repeater.failure
        raise error
