"""Reads versions of the secret in threads, so that nobody waits longer than it wants to."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, TypeVar

from .credential import Credential, read_credential
from .endpoint import canonical_url
from .events import CredentialEvent, Journal, Stage, call_safely
from .source import READER_THREAD, CredentialSource, SecretStoreError

READ_TIMEOUT = 5.0
"""Seconds that one read may take. Otherwise a silent source would hold all calls."""

_SHORTEST_DELAY = 60.0

T = TypeVar("T")


class EndpointChangedError(Exception):
    """A version names another cluster than the first version with an endpoint."""


class VersionReader:
    """Reads the credentials of one cluster, until it is closed."""

    def __init__(self, source: CredentialSource, journal: Journal, given_endpoint: str | None) -> None:
        self._source = source
        self._journal = journal
        self._given_endpoint = given_endpoint
        self._endpoint: str | None = None
        self._questions: set[Future[Any]] = set()
        self.closing = threading.Event()

    def close(self) -> None:
        if not self.closing.is_set():
            self.closing.set()
            for question in tuple(self._questions):
                question.cancel()
            call_safely(self._source.close)

    def start(self, stage: Stage) -> "Future[Credential | None]":
        """Begins to read the version with a label. The result is None if no version has it."""
        return self._ask(lambda: self._load(stage))

    def read(self, stage: Stage) -> Credential | None:
        """Reads the version with a label. Raises every error of the source."""
        try:
            return self.start(stage).result(READ_TIMEOUT)
        except CancelledError:
            raise closed() from None
        except FutureTimeoutError:
            raise timed_out() from None

    def report(self, stage: Stage, error: Exception) -> None:
        if not self.closing.is_set():
            self._journal.record(CredentialEvent("refresh-failed", stage=stage, error=error))

    def background_delay(self, most: float) -> float:
        """When to read again, in seconds: half-way to the next rotation, or after `most`."""
        delay = most
        # The source may fail, and a date may have no time in UTC.
        with suppress(Exception):
            date = self._ask(self._source.next_rotation).result(READ_TIMEOUT)
            if isinstance(date, datetime):
                # A date without a time zone is local time.
                until_next = (date.astimezone(timezone.utc) - datetime.now(timezone.utc)).total_seconds()
                if until_next > 0:
                    delay = min(most, max(until_next / 2, _SHORTEST_DELAY))
        return delay * random.uniform(0.8, 1)

    def _load(self, stage: Stage) -> Credential | None:
        version = self._source.load(stage)
        if version is None:
            return None
        credential = read_credential(version)
        if self._given_endpoint is not None:
            return replace(credential, endpoint=self._given_endpoint)
        if self._is_other(credential.endpoint):
            # The connections lead to the first cluster, which must not see this password.
            raise EndpointChangedError(
                f"Version {credential.version_id} names another endpoint than the first version with one. "
                "Create a new client for the other endpoint."
            )
        self._endpoint = self._endpoint or credential.endpoint
        return credential

    def _ask(self, question: Callable[[], T]) -> "Future[T]":
        answer: Future[T] = Future()
        self._questions.add(answer)
        answer.add_done_callback(self._questions.discard)
        if self.closing.is_set():
            answer.cancel()
            return answer

        def ask() -> None:
            with suppress(InvalidStateError):
                try:
                    answer.set_result(question())
                except Exception as error:
                    answer.set_exception(error)

        # A thread of a pool would keep the process alive while the source is silent.
        thread = threading.Thread(target=ask, name=READER_THREAD, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # The process has as many threads as it may have.
            answer.set_exception(error)
        return answer

    def _is_other(self, endpoint: str | None) -> bool:
        """A trailing slash and the case of letters make no other endpoint."""
        if endpoint is None or self._endpoint is None:
            return False
        return (canonical_url(endpoint) or endpoint) != (canonical_url(self._endpoint) or self._endpoint)


def timed_out() -> SecretStoreError:
    return SecretStoreError("load", "TimeoutError", "unavailable")


def closed() -> RuntimeError:
    return RuntimeError("These credentials are closed. Create new ones.")
