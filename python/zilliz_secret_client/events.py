"""What happened to the credential: events, counters and the log of this package."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]
"""The labels of the versions that a cluster may accept."""

EventType = Literal["interrupted", "refreshed", "refresh-failed", "budget-ended", "recovered"]

Cause = Literal["refusal", "background"]

_LOG = logging.getLogger("zilliz_secret_client")


@dataclass(frozen=True)
class CredentialEvent:
    """What happened. No event holds a user, a password or a token. The README lists the events."""

    type: EventType
    version_id: str | None = None
    stage: Stage | None = None
    cause: Cause | None = None
    error: Exception | None = None
    duration: float | None = None
    """Seconds since the interruption began."""


@dataclass(frozen=True)
class CredentialCounters:
    """Counters that start when the credentials are created. Durations are in seconds."""

    refreshes: int
    failed_refreshes: int
    refused_calls: int
    """Calls that the cluster refused, repeated calls included."""
    interruptions: int
    longest_interruption: float
    total_interruption: float


class Journal:
    """Counts the events, logs them and passes them to the listener of the application."""

    def __init__(self, listener: Callable[[CredentialEvent], object] | None) -> None:
        self._listener = listener
        self.reset_lock()
        self._counts: dict[EventType, int] = {}
        self._refused_calls = 0
        self._longest = 0.0
        self._total = 0.0
        self._interrupted_at = 0.0

    def reset_lock(self) -> None:
        """In the child of a fork, a thread that no longer exists may hold the lock."""
        self._lock = threading.Lock()

    @property
    def counters(self) -> CredentialCounters:
        with self._lock:
            counts = self._counts
            is_interrupted = counts.get("interrupted", 0) > counts.get("recovered", 0)
            running = time.monotonic() - self._interrupted_at if is_interrupted else 0.0
            return CredentialCounters(
                refreshes=counts.get("refreshed", 0),
                failed_refreshes=counts.get("refresh-failed", 0),
                refused_calls=self._refused_calls,
                interruptions=counts.get("interrupted", 0),
                longest_interruption=max(self._longest, running),
                total_interruption=self._total + running,
            )

    def count_refusal(self) -> None:
        with self._lock:
            self._refused_calls += 1

    def record(self, event: CredentialEvent) -> None:
        with self._lock:
            self._counts[event.type] = self._counts.get(event.type, 0) + 1
            if event.type == "interrupted":
                self._interrupted_at = time.monotonic()
            elif event.type == "recovered" and event.duration is not None:
                self._total += event.duration
                self._longest = max(self._longest, event.duration)
        is_problem = event.type in ("refresh-failed", "budget-ended")
        _LOG.log(logging.WARNING if is_problem else logging.INFO, "%s", event)
        if self._listener is not None:
            call_safely(self._listener, event)


def call_safely(callback: Callable[..., object], *arguments: object) -> None:
    """Calls a function of the application, whose error must not fail a call of another thread."""
    try:
        callback(*arguments)
    except Exception:
        _LOG.warning("A callback of the application failed.", exc_info=True)
