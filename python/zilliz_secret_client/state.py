"""What the threads and tasks of one process share: the credential in use and the search."""

import random
import threading
import time

from .call import Call, FoundVersion, Round, Search, Timing
from .credential import Credential
from .events import Cause, CredentialEvent, Journal

_MAX_PAUSE_FACTOR = 8
"""The longest pause between two rounds, as a multiple of minimum_interval."""

_LAST_ROUND = 0.5
"""The last round begins this long before a call fails, in seconds, or half a short budget."""


class State:
    """Holds its lock for a few assignments only, never during a network call or an event."""

    def __init__(self, first: Credential, journal: Journal, timing: Timing) -> None:
        self.current = first
        self.timing = timing
        self.last_round: Round | None = None
        self._journal = journal
        self._interrupted_at: float | None = None
        self._is_over_budget = False
        self._refusals: dict[str, float] = {}
        """The versions that were refused since the last interruption began, with the time."""
        self._next_round_at = 0.0
        self.after_fork()

    def after_fork(self) -> None:
        """In the child of a fork, the threads that hold the lock or search no longer exist."""
        self._lock = threading.Lock()
        self._search: Search | None = None

    @property
    def is_interrupted(self) -> bool:
        return self._interrupted_at is not None

    def has_refused(self, credential: Credential) -> bool:
        """Whether the cluster has refused the version and has not accepted it since."""
        return credential.version_id in self._refusals

    def forget_refusal(self, credential: Credential) -> None:
        """A refusal of AWSPENDING may come before setSecret, and says nothing about AWSCURRENT."""
        self._refusals.pop(credential.version_id, None)

    def refused(self, call: Call) -> None:
        now = time.monotonic()
        call.refused_at = min(call.refused_at, now)
        call.refused.add(call.version_id)
        self._journal.count_refusal()
        with self._lock:
            # A refusal of an older version says nothing about the version in use.
            begins = self._interrupted_at is None and call.version_id == self.current.version_id
            if begins:
                self._refusals.clear()
                self._interrupted_at = now
                self._is_over_budget = False
                # The failure of this round says nothing about this interruption.
                self.last_round = None
            self._refusals[call.version_id] = now
        if begins:
            self._journal.record(CredentialEvent("interrupted", call.version_id))

    def accepted(self, call: Call) -> None:
        if self._interrupted_at is None and not self._refusals:
            return
        with self._lock:
            # Answers overtake each other: a later refusal of the same version counts.
            is_old = call.sent_at < self._refusals.get(call.version_id, 0)
            if is_old or call.version_id != self.current.version_id:
                return
            self._refusals.pop(call.version_id, None)
            began, self._interrupted_at = self._interrupted_at, None
        if began is not None:
            duration = time.monotonic() - began
            self._journal.record(CredentialEvent("recovered", call.version_id, duration=duration))

    def adopt(self, found: FoundVersion, cause: Cause, before: Credential) -> None:
        """All calls use the version from now on, unless another one came after `before`."""
        with self._lock:
            if self.current is not before:
                return
            search = self._search
            event = self._replace(found, cause, ends=search)
        self._publish(search, found, event)

    def join_search(self) -> tuple[Search, bool]:
        """Returns the search that runs, or a new one and True: the caller probes."""
        with self._lock:
            search = self._search
            is_late = search is not None and time.monotonic() >= search.end
            tried = search.tried if search else None
            if search is None or (is_late and tried is None):
                self._search = Search()
                return self._search, True
        if is_late:
            self.end_search(search, tried)
        return search, False

    def end_search(self, search: Search | None, found: FoundVersion | None = None) -> None:
        """All calls use the version from now on. Does nothing if the search has ended."""
        with self._lock:
            if search is None or self._search is not search:
                return
            event = self._replace(found, "refusal", ends=search)
        self._publish(search, found, event)

    def wake(self) -> None:
        """Ends all waits, after the reader is closed."""
        self.end_search(self._search)

    def pause_end(self, call: Call) -> float:
        last_round_at = call.wait_end - min(_LAST_ROUND, self.timing.budget / 2)
        is_last = self.last_round is not None and self.last_round.began_at >= last_round_at
        return self._next_round_at if is_last else min(self._next_round_at, last_round_at)

    def is_budget_over(self, call: Call) -> bool:
        """Whether a whole round has begun and failed since the refusal and the budget's end."""
        began_at = self.last_round.began_at if self.last_round else 0.0
        return began_at >= max(call.refused_at, self.budget_end(call))

    def budget_end(self, call: Call) -> float:
        began = self._interrupted_at
        return min(call.refused_at if began is None else began, call.refused_at) + self.timing.budget

    def budget_ended(self, call: Call) -> None:
        """A refused call fails. One event for each interruption tells of it."""
        with self._lock:
            is_known, self._is_over_budget = self._is_over_budget, True
            began = call.refused_at if self._interrupted_at is None else self._interrupted_at
            version_id = self.current.version_id
        if not is_known:
            duration = time.monotonic() - began
            self._journal.record(CredentialEvent("budget-ended", version_id, duration=duration))

    def _replace(self, found: FoundVersion | None, cause: Cause, ends: Search | None) -> CredentialEvent | None:
        if ends is not None:
            self._search = None
            # Otherwise calls that end before a pause would never read a version.
            if ends.is_begun:
                self._next_round_at = time.monotonic() + self._pause()
        if found is None or found.credential.version_id == self.current.version_id:
            return None
        self.current = found.credential
        return CredentialEvent("refreshed", found.credential.version_id, stage=found.stage, cause=cause)

    def _publish(self, search: Search | None, found: FoundVersion | None, event: CredentialEvent | None) -> None:
        # The waiting calls go first, because the listener of the application may take its time.
        if search is not None:
            search.result.set_result(found)
        if event is not None:
            self._journal.record(event)

    def _pause(self) -> float:
        """A pause is as long as the interruption before it, so the pauses double."""
        least = self.timing.minimum_interval
        began = self._interrupted_at
        elapsed = 0.0 if began is None else time.monotonic() - began
        # Random, so that the instances of an application do not act together.
        return min(max(elapsed, least), _MAX_PAUSE_FACTOR * least) * random.uniform(1, 1.5)
