"""All rotations in progress: start, hold, retry and stop them.

Everything here runs on the server's event loop, so nothing interrupts a change. Only the labels
of a secret decide whether a rotation may start (labels.incomplete_rotation).
"""

import asyncio
import logging
from typing import Any

from emulator.clock import clock
from emulator.secrets import labels, records
from emulator.secrets.records import Secret

from . import events
from .attempt import run_attempt
from .rotation import Failure, RetryPolicy, Rotation, Step

_log = logging.getLogger("emulator.rotation")


class Rotations:
    def __init__(self) -> None:
        self.default_policy = RetryPolicy(retries=2, spacing=2.0)
        self.policies: dict[str, RetryPolicy] = {}
        """Retry policies by secret ARN."""
        self.holds: dict[str, Step] = {}
        """By secret ARN: the step before which the next rotation waits, once, for release."""
        self._in_progress: dict[str, list[Rotation]] = {}
        """Rotations by secret ARN, oldest first. All but the last are stopped."""
        self._tasks: set[asyncio.Task[None]] = set()

    def current(self, secret_arn: str) -> Rotation | None:
        """The secret's rotation, unless the rotation was stopped (its last step may still run)."""
        rotations = self._in_progress.get(secret_arn)
        return rotations[-1] if rotations and not rotations[-1].stopped else None

    def start(self, secret: Secret, token: str, *, test_only: bool = False) -> None:
        """Add the AWSPENDING version and start the rotation.

        AWS: the version is empty. DescribeSecret shows the version with AWSPENDING, and
        GetSecretValue does not find the version. RotateImmediately=false: "The test creates an
        AWSPENDING version of the secret and then removes it." ASSUMPTION sm-test-of-schedule
        """
        current = labels.version_with(secret, labels.CURRENT) if test_only else None
        value = {} if current is None else records.value_of(secret["Versions"][current])
        records.add_version(secret, token, value)
        labels.attach(secret, token, labels.PENDING)
        records.mark_changed(secret)
        self._begin(secret, token, attempts=1 if test_only else 1 + self._policy(secret).retries, test_only=test_only)

    def reattempt(self, secret: Secret, *, at_once: bool) -> None:
        """Repeat an incomplete rotation with its token, unless the rotation is in progress."""
        token = labels.incomplete_rotation(secret)
        if token is None or self.current(secret["ARN"]) is not None:
            return
        policy = self._policy(secret)
        if at_once:
            self._begin(secret, token, attempts=1 + policy.retries)
        elif policy.retries > 0:
            self._begin(secret, token, attempts=policy.retries, due=clock.now() + policy.spacing)

    def cancel(self, secret_arn: str) -> None:
        """Start no further step or retry. No event is sent. ASSUMPTION aws-stopped"""
        for rotation in self._in_progress.get(secret_arn, []):
            rotation.stopped = True
        clock.wake()

    def abandon(self, secret: Secret, token: str) -> None:
        """Cancel the rotation, and send RotationAbandoned."""
        rotation = self.current(secret["ARN"])
        self.cancel(secret["ARN"])
        events.add("RotationAbandoned", secret["ARN"], token, rotation.attempt if rotation else 0)
        clock.wake()

    def release(self, secret_arn: str) -> None:
        """Let a held rotation continue."""
        self.holds.pop(secret_arn, None)
        clock.wake()

    def is_idle(self, secret_arn: str) -> bool:
        """Whether no rotation of the secret is in progress."""
        return secret_arn not in self._in_progress

    def view(self, secret_arn: str) -> dict[str, Any]:
        """The answer of the control endpoint: the state of the rotation, and the last events."""
        rotations = self._in_progress.get(secret_arn, [])
        # The secret is not idle while the last step of a stopped rotation runs.
        busy = next((rotation for rotation in rotations if rotation.state != "waiting"), None)
        shown = busy or (rotations[-1] if rotations else None)
        state: dict[str, Any] = shown.view() if shown else {"state": "idle"}
        return {"secret": secret_arn, **state, "history": events.history_of(secret_arn)}

    def _policy(self, secret: Secret) -> RetryPolicy:
        return self.policies.get(secret["ARN"], self.default_policy)

    def _begin(self, secret: Secret, token: str, *, attempts: int, due: float = 0.0, test_only: bool = False) -> None:
        arn = secret["ARN"]
        self.cancel(arn)
        rotation = Rotation(
            secret_arn=arn,
            function_arn=secret["RotationLambdaARN"],
            token=token,
            attempts_allowed=attempts,
            retry_spacing=self._policy(secret).spacing,
            test_only=test_only,
            due=due,
        )
        self._in_progress.setdefault(arn, []).append(rotation)
        task = asyncio.get_running_loop().create_task(self._run(rotation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, rotation: Rotation) -> None:
        failure: Failure | None = Failure("the emulator failed; its log holds the error", retryable=False)
        try:
            failure = await self._run_attempts(rotation)
        except Exception:
            _log.exception("The rotation of %s failed in the emulator.", rotation.secret_arn)
        finally:
            # This comes first: the receiver of the last event may start the next rotation.
            self._forget(rotation)
        if not rotation.stopped:
            self._announce("Failed" if failure else "Succeeded", rotation, failure)

    async def _run_attempts(self, rotation: Rotation) -> Failure | None:
        while True:
            while not rotation.stopped and (left := rotation.due - clock.now()) > 0:
                await clock.wait(left)
            if rotation.stopped:
                return None
            rotation.attempt += 1
            rotation.state = "running"
            self._announce("Started", rotation)
            failure = await run_attempt(rotation, self._wait_while_held)
            rotation.step = None
            last = failure is None or not failure.retryable or rotation.attempt >= rotation.attempts_allowed
            if last or rotation.stopped:
                return failure
            rotation.due = clock.now() + rotation.retry_spacing
            rotation.state = "waiting"
            self._announce("Failed", rotation, failure)

    async def _wait_while_held(self, rotation: Rotation) -> None:
        """Wait until the hold before the rotation's step ends, or the rotation stops."""
        while self.holds.get(rotation.secret_arn) == rotation.step and not rotation.stopped:
            if rotation.state != "held":
                rotation.state = "held"
                clock.wake()
            await clock.wait()
        if rotation.state == "held":
            rotation.state = "running"
            self.holds.pop(rotation.secret_arn, None)

    def _forget(self, rotation: Rotation) -> None:
        rotations = self._in_progress[rotation.secret_arn]
        rotations.remove(rotation)
        if not rotations:
            del self._in_progress[rotation.secret_arn]
        clock.wake()

    def _announce(self, change: str, rotation: Rotation, failure: Failure | None = None) -> None:
        event = f"TestRotation{change}" if rotation.test_only else f"Rotation{change}"
        events.add(event, rotation.secret_arn, rotation.token, rotation.attempt, failure)
        clock.wake()


rotations = Rotations()
