"""A call with its repetitions, and the search that repeated calls share."""

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from .credential import Credential
from .events import Stage

PROBE = 0.5
"""Milvus refuses a call before it executes the call. So if a probe has no answer after this time,
in seconds, the other calls stop waiting for it and use its version. If its event loop stands still
for this time, another call probes."""


@dataclass(frozen=True)
class Timing:
    """When the secret is read again, in seconds."""

    minimum_interval: float
    budget: float
    background_interval: float

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 < value < threading.TIMEOUT_MAX:
                raise ValueError(f"{name} is {value}. Expected a positive number of seconds.")


@dataclass(frozen=True)
class FoundVersion:
    credential: Credential
    stage: Stage


@dataclass
class Round:
    """One reading of the versions. Times are those of time.monotonic()."""

    began_at: float = field(default_factory=time.monotonic)
    found: list[FoundVersion] = field(default_factory=list)
    failure: Exception | None = None
    """The first failure. It tells why no version was found."""


class Search:
    """One refused call probes. The others wait for the version that it finds."""

    def __init__(self) -> None:
        self.result: Future[FoundVersion | None] = Future()
        self.tried: FoundVersion | None = None
        """The version with which the probing call is repeated now."""
        self.expect_progress(time.monotonic())
        self.is_begun = False
        """Whether a round has begun. Otherwise the pause goes on for the next call."""
        self.is_left = False
        """Whether the probing call has left the search to a read that still runs."""

    def expect_progress(self, at: float) -> None:
        """If there is none, the next call takes the version that is tried, or probes itself."""
        self.end = at + PROBE

    @property
    def wait_end(self) -> float:
        """When a call that waits looks again for progress."""
        return self.end if self.tried else time.monotonic() + PROBE


class Call:
    """A call of the application, with its repetitions."""

    def __init__(self, is_refusal: Callable[[Exception], bool], timeout: float | None, budget: float) -> None:
        self.is_refusal = is_refusal
        self.deadline = math.inf if timeout is None else time.monotonic() + timeout
        self.refused_at = math.inf
        self._budget = budget
        self.refused: set[str] = set()
        """The versions that the cluster has refused since the last pause."""
        self.version_id = ""
        self.sent_at = 0.0
        self.is_cancelled = False
        self.error: Exception | None = None
        """Of the last attempt. If it is no refusal, it says nothing of the credential."""
        self.is_refused = False

    def sent(self, credential: Credential) -> None:
        """Notes that the call is sent."""
        self.version_id = credential.version_id
        self.sent_at = time.monotonic()

    @property
    def time_remaining(self) -> float | None:
        """The seconds until the deadline. gRPC takes no 0."""
        return None if self.deadline == math.inf else max(self.deadline - time.monotonic(), 0.001)

    @property
    def wait_end(self) -> float:
        """An attempt may take until the deadline. Only the search for a version has a budget."""
        return min(self.deadline, self.refused_at + self._budget)

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or time.monotonic() >= self.wait_end
