"""Finds the version that the cluster accepts, once for all refused calls.

One call probes: it is repeated with each version of a round. The others wait for its result. After
a round in vain and a pause, the next call probes, because it may reach another proxy.

The steps are a generator, so that threads and asyncio share them (drivers.py).
"""

import time
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias

from .call import Call, FoundVersion, Round, Search
from .credential import Credential, DocumentError
from .events import Stage
from .reader import READ_TIMEOUT, EndpointChangedError, VersionReader, timed_out
from .source import SecretStoreError
from .state import State

_STAGES: tuple[Stage, ...] = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
"""A rotation sets the version AWSPENDING on the cluster and then makes it AWSCURRENT. A proxy that
learns late of the change still accepts AWSPREVIOUS."""

_GIVE_WAY = 0.02


@dataclass(frozen=True)
class Wait:
    """Waits until a future is done, or until a time. The reply is whether the future is done."""

    future: "Future[Any]"
    until: float


@dataclass(frozen=True)
class Send:
    """Repeats the call. The reply is whether the cluster has refused the credential."""

    credential: Credential


Steps: TypeAlias = Generator[Wait | Send, bool, None]
Substeps: TypeAlias = Generator[Wait | Send, bool, bool]


def repetitions(state: State, reader: VersionReader, call: Call) -> Steps:
    """Repeats a refused call until it is not refused, or until its budget or deadline ends."""
    is_refused = True
    while is_refused and not call.is_over and not reader.closing.is_set():
        current = state.current
        if current.version_id not in call.refused:
            is_refused = yield Send(current)
        elif state.is_budget_over(call):
            # Another call has read the last round, and may have reached another proxy.
            versions = state.last_round.found if state.last_round else []
            untried = next((found for found in versions if found.credential.version_id not in call.refused), None)
            if untried is None:
                break
            is_refused = yield from _try(state, None, untried)
        else:
            search, is_probe = state.join_search()
            if is_probe:
                is_refused = yield from _probe(state, reader, call, search)
            elif (yield Wait(search.result, min(call.wait_end, search.wait_end))):
                found = search.result.result()
                if found is not None:
                    is_refused = yield Send(found.credential)
    if is_refused and time.monotonic() >= state.budget_end(call):
        state.budget_ended(call)


def _probe(state: State, reader: VersionReader, call: Call, search: Search) -> Substeps:
    """After a pause, repeats the call with each version of a round."""
    try:
        pause_end = state.pause_end(call)
        if pause_end > time.monotonic():
            search.expect_progress(pause_end)
            is_refreshed = yield Wait(search.result, min(pause_end, call.wait_end))
            refreshed = search.result.result() if is_refreshed else None
            if refreshed is not None:
                return (yield Send(refreshed.credential))
            # The cluster may now accept what it has refused before.
            call.refused.clear()
        this_round = Round()
        for stage in _STAGES:
            if call.is_over or reader.closing.is_set():
                return True
            search.is_begun = True
            found = yield from _read(state, reader, call, search, stage)
            if isinstance(found, Exception):
                this_round.failure = this_round.failure or found
                reader.report(stage, found)
                if not _concerns_one_version(found):
                    break
            elif found is not None:
                this_round.found.append(found)
                is_untried = found.credential.version_id not in call.refused
                if is_untried and not (yield from _try(state, search, found)):
                    return False
        state.last_round = this_round
    finally:
        if not search.is_left:
            state.end_search(search)
    # The waiting calls probe first.
    if not search.is_left:
        yield Wait(Future(), time.monotonic() + _GIVE_WAY)
    return True


def _read(
    state: State, reader: VersionReader, call: Call, search: Search, stage: Stage
) -> Generator[Wait | Send, bool, FoundVersion | Exception | None]:
    reading = reader.start(stage)
    end = time.monotonic() + READ_TIMEOUT
    is_done = False
    search.expect_progress(end)
    reading.add_done_callback(lambda _: search.expect_progress(time.monotonic()))
    try:
        is_done = yield Wait(reading, min(end, call.wait_end))
    finally:
        # A call with a short deadline, and a task that is cancelled, cannot wait for this read.
        # Without its result, a sequence of such calls would never find the version.
        if not is_done and time.monotonic() < end:
            _leave(state, search, reading, stage, frozenset(call.refused))
    if reading.cancelled() or (not is_done and time.monotonic() >= call.deadline):
        return None
    if not is_done:
        return timed_out()
    error = reading.exception()
    if isinstance(error, Exception):
        return error
    credential = reading.result()
    return None if credential is None else FoundVersion(credential, stage)


def _leave(
    state: State,
    search: Search,
    reading: "Future[Credential | None]",
    stage: Stage,
    refused: frozenset[str],
) -> None:
    """The search ends with the result of the read, for the other calls."""

    def finish(reading: "Future[Credential | None]") -> None:
        credential = None if reading.cancelled() or reading.exception() else reading.result()
        is_usable = credential is not None and credential.version_id not in refused
        state.end_search(search, FoundVersion(credential, stage) if credential and is_usable else None)

    search.is_left = True
    reading.add_done_callback(finish)


def _try(state: State, search: Search | None, found: FoundVersion) -> Substeps:
    """Repeats the call with a version. If it is not refused soon, all calls use the version."""
    before = state.current
    if search is not None:
        search.tried = found
        search.expect_progress(time.monotonic())
    try:
        is_refused = yield Send(found.credential)
    finally:
        if search is not None:
            search.tried = None
    # An error of another kind says nothing against the version.
    if not is_refused:
        state.adopt(found, "refusal", before)
    elif found.stage == "AWSPENDING":
        state.forget_refusal(found.credential)
    return is_refused


def _concerns_one_version(failure: Exception) -> bool:
    """Whether an error says nothing about the versions with other labels."""
    if isinstance(failure, SecretStoreError):
        return failure.kind != "unavailable"
    return isinstance(failure, DocumentError | EndpointChangedError)
