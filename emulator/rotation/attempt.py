"""One attempt of a rotation: the four steps in order, or only testSecret."""

from emulator.secrets import labels, records
from emulator.secrets.records import Secret
from emulator.timing.clock import clock

from . import schedules
from .holds import Holds
from .rotation import Rotation
from .step import STEPS, Failure, Step, run_step


async def run_attempt(rotation: Rotation, holds: Holds) -> Failure | None:
    """Run the steps. Return None if the attempt succeeded or the rotation was stopped."""
    steps: tuple[Step, ...] = ("testSecret",) if rotation.test_only else STEPS
    failure: Failure | None = None
    for step in steps:
        if _is_finished(rotation):
            break
        failure = await _run_step(rotation, step, holds)
        if failure is not None or rotation.stopped:
            break
    secret = records.by_arn(rotation.secret_arn)
    if secret is None:
        return failure
    if rotation.test_only:
        _remove_test_version(secret, rotation.token)
    elif failure is None and not rotation.stopped:
        failure = _complete(secret, rotation.token)
    return failure


async def _run_step(rotation: Rotation, step: Step, holds: Holds) -> Failure | None:
    rotation.step = step
    await holds.wait(rotation, step)
    if rotation.stopped:
        return None
    secret = records.by_arn(rotation.secret_arn)
    if secret is None or secret.get("DeletedDate"):
        return Failure("the secret was deleted", retryable=False)
    if labels.version_with(secret, labels.PENDING) != rotation.token:
        # ASSUMPTION: AWS documents nothing for a label that somebody moves during a rotation.
        return Failure("AWSPENDING was removed from the version", retryable=False)
    return await run_step(rotation.function_arn, step, rotation.secret_arn, rotation.token, rotation.rotation_token)


def _is_finished(rotation: Rotation) -> bool:
    """Whether the function moved AWSCURRENT and removed AWSPENDING before the last step."""
    secret = records.by_arn(rotation.secret_arn)
    return (
        secret is not None
        and labels.version_with(secret, labels.CURRENT) == rotation.token
        and labels.version_with(secret, labels.PENDING) is None
    )


def _complete(secret: Secret, token: str) -> Failure | None:
    """Record the end of a rotation whose steps succeeded.

    AWS: the rotation is complete if AWSPENDING is gone or on the version that has AWSCURRENT. If
    finishSecret succeeds and moves no label, the next RotateSecret answers "A previous rotation
    isn't complete".
    """
    if labels.version_with(secret, labels.CURRENT) != token:
        return Failure("finishSecret succeeded, but AWSCURRENT is not on the new version")
    with records.scope(secret):
        secret["LastRotatedDate"] = clock.now()
        schedules.plan(secret)
        records.mark_changed(secret)
    return None


def _remove_test_version(secret: Secret, token: str) -> None:
    """Remove the copy of the current version, unless somebody gave the copy another label."""
    version = secret["Versions"].get(token)
    if version is not None and set(version["Stages"]) <= {labels.PENDING}:
        del secret["Versions"][token]
        with records.scope(secret):
            records.mark_changed(secret)
