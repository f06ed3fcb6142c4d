"""All rotations under way: start, attempt, retry, stop, announce.

Everything here runs on the server's event loop, so no two requests and no step's end interleave within a change.
Whether a secret may be rotated is decided by its labels alone (labels.rotation_incomplete); the bookkeeping here only
says what is running.
"""

import asyncio
import logging
from collections import deque
from typing import Any

from . import rotation_events
from ..secrets import labels, records
from .attempt import run_attempt
from ..secrets.clock import clock
from .lambda_invocation import Failure
from ..secrets.notice import Notice
from ..secrets.records import Secret
from .rotation import RetryPolicy, Rotation

_log = logging.getLogger("emulator.rotation")
_REMEMBERED = 50


class Rotations:
    def __init__(self) -> None:
        self.default_policy = RetryPolicy(retries=2, spacing=2.0)
        self.policies: dict[str, RetryPolicy] = {}
        self.holds: dict[str, str] = {}
        """Secret ARN → the step before which its rotation is to stand still, for tests that act in between."""
        self.notice = Notice()
        self._live: dict[str, list[Rotation]] = {}
        self._history: dict[str, deque[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def current(self, secret_arn: str) -> Rotation | None:
        """The rotation under way, not one that was stopped and whose last step has not returned yet."""
        live = self._live.get(secret_arn, [])
        return live[-1] if live and not live[-1].stopped else None

    def start(self, secret: Secret, token: str, *, test_only: bool = False) -> None:
        """Make the AWSPENDING version and begin.

        AWS: the version is empty; DescribeSecret shows it with AWSPENDING, GetSecretValue does not find it. For
        RotateImmediately=false: "The test creates an AWSPENDING version of the secret and then removes it."
        """
        current = labels.holder(secret, labels.CURRENT)
        copied = secret["Versions"][current] if test_only and current is not None else {}
        records.add_version(secret, token, records.value_of(copied))
        labels.attach(secret, token, labels.PENDING)
        records.changed(secret)
        policy = self.policy(secret)
        self._begin(secret, token, attempts=1 if test_only else 1 + policy.retries, test_only=test_only)

    def reattempt(self, secret: Secret, *, at_once: bool) -> None:
        """Attempt the incomplete rotation anew, from createSecret with the same token, unless that is under way."""
        token = labels.rotation_incomplete(secret)
        if token is None or self.current(secret["ARN"]) is not None:
            return
        policy = self.policy(secret)
        if at_once:
            self._begin(secret, token, attempts=1 + policy.retries)
        elif policy.retries > 0:
            self._begin(secret, token, attempts=policy.retries, due=clock.now() + policy.spacing)

    def cancel(self, secret: Secret) -> None:
        """No further step and no retry. ASSUMPTION: a step that runs is not interrupted, and no event is sent."""
        self._stop(secret["ARN"])

    def abandon(self, secret: Secret, token: str) -> None:
        rotation = self.current(secret["ARN"])
        self._stop(secret["ARN"])
        self._announce("RotationAbandoned", secret["ARN"], token, rotation.attempt if rotation else 0, None)

    def under_way(self) -> int:
        """How many rotations run, are held or wait for their next attempt."""
        return sum(len(live) for live in self._live.values())

    def policy(self, secret: Secret) -> RetryPolicy:
        return self.policies.get(secret["ARN"], self.default_policy)

    def view(self, secret_arn: str) -> dict[str, Any]:
        """State of the secret's rotation: idle, running, held before a step, or waiting for the next attempt."""
        live = self._live.get(secret_arn, [])
        # A stopped rotation whose last step still runs keeps the secret from being idle.
        busy = next((one for one in live if one.state != "waiting"), live[-1] if live else None)
        view: dict[str, Any] = busy.view() if busy else {"state": "idle"}
        return {"secret": secret_arn, **view, "history": list(self._history.get(secret_arn, ()))}

    def clear(self) -> None:
        """Forget everything: ministack was reset."""
        for arn in list(self._live):
            self._stop(arn)
        for known in (self._history, self.policies, self.holds):
            known.clear()

    def _begin(self, secret: Secret, token: str, *, attempts: int, due: float = 0.0, test_only: bool = False) -> None:
        arn = secret["ARN"]
        self._stop(arn)
        rotation = Rotation(
            secret_arn=arn,
            function_arn=secret["RotationLambdaARN"],
            token=token,
            attempts_allowed=attempts,
            retry_spacing=self.policy(secret).spacing,
            test_only=test_only,
            due=due,
        )
        self._live.setdefault(arn, []).append(rotation)
        task = asyncio.get_running_loop().create_task(self._run(rotation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stop(self, secret_arn: str) -> None:
        for rotation in self._live.get(secret_arn, []):
            rotation.stopped = True
        self._woken()

    async def _run(self, rotation: Rotation) -> None:
        kind = "TestRotation" if rotation.test_only else "Rotation"
        failure: Failure | None = Failure("the emulator failed; its log says how", retryable=False)
        try:
            while not rotation.stopped:
                await clock.wait_until(rotation.due, lambda: rotation.stopped)
                if rotation.stopped:
                    break
                rotation.attempt += 1
                rotation.state = "running"
                self._announce(f"{kind}Started", rotation.secret_arn, rotation.token, rotation.attempt, None)
                failure = await run_attempt(rotation, self)
                rotation.step = None
                if failure is None or not failure.retryable or rotation.attempt >= rotation.attempts_allowed:
                    break
                if rotation.stopped:
                    break
                rotation.due = clock.now() + rotation.retry_spacing
                rotation.state = "waiting"
                self._announce(f"{kind}Failed", rotation.secret_arn, rotation.token, rotation.attempt, failure)
        except Exception:
            _log.exception("the rotation of %s broke", rotation.secret_arn)
        finally:
            # First the bookkeeping, then the announcement: who hears of the end may start the next one at once.
            self._forget(rotation)
        if not rotation.stopped:
            ending = "Failed" if failure else "Succeeded"
            self._announce(f"{kind}{ending}", rotation.secret_arn, rotation.token, rotation.attempt, failure)

    def _forget(self, rotation: Rotation) -> None:
        live = self._live.get(rotation.secret_arn, [])
        if rotation in live:
            live.remove(rotation)
        if not live:
            self._live.pop(rotation.secret_arn, None)
        self._woken()

    def _announce(self, name: str, secret_arn: str, token: str, attempt: int, failure: Failure | None) -> None:
        entry = {"event": name, "token": token, "attempt": attempt, "at": clock.now()}
        if failure is not None:
            entry["reason"] = failure.reason
        self._history.setdefault(secret_arn, deque(maxlen=_REMEMBERED)).append(entry)
        _log.info("%s %s (attempt %d)%s", name, secret_arn, attempt, f": {failure.reason}" if failure else "")
        secret = records.by_arn(secret_arn)
        if secret is not None:
            owner = records.scope(secret)
            rotation_events.send(name, secret_arn, owner.account_id, owner.region)  # type: ignore[arg-type]
        self._woken()

    def _woken(self) -> None:
        self.notice.wake()
        clock.wake()


rotations = Rotations()
