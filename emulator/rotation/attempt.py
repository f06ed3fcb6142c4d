"""One attempt of a rotation: the four steps in order, or testSecret alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.core.responses import request_scope

from . import schedules
from ..secrets import labels, records
from ..secrets.clock import clock
from .lambda_invocation import STEPS, Failure, Step, run_step
from ..secrets.records import Secret
from .rotation import Rotation

if TYPE_CHECKING:
    from .rotations import Rotations

# How long a held step waits between two looks, should a wake be missed.
_HELD_SECONDS = 30.0


async def run_attempt(rotation: Rotation, rotations: Rotations) -> Failure | None:
    """Run the attempt to its end; None when it succeeded (or was stopped, which `rotation.stopped` tells)."""
    steps: tuple[Step, ...] = ("testSecret",) if rotation.test_only else STEPS
    failure: Failure | None = None
    for step in steps:
        if _is_done(rotation):
            break
        failure = await _step(rotation, step, rotations)
        if failure is not None or rotation.stopped:
            break
    secret = records.by_arn(rotation.secret_arn)
    if rotation.test_only:
        _remove_copy(secret, rotation.token)
    elif secret is not None and failure is None and not rotation.stopped:
        failure = _finished(secret, rotation.token)
    return failure


async def _step(rotation: Rotation, step: Step, rotations: Rotations) -> Failure | None:
    rotation.step = step
    await _hold(rotation, step, rotations)
    if rotation.stopped:
        return None
    secret = records.by_arn(rotation.secret_arn)
    if secret is None or secret.get("DeletedDate"):
        return Failure("the secret was deleted", retryable=False)
    if labels.holder(secret, labels.PENDING) != rotation.token:
        # ASSUMPTION: AWS documents nothing for a label that is removed or moved in the middle of a rotation.
        return Failure("AWSPENDING was taken off the version", retryable=False)
    return await run_step(rotation.function_arn, step, rotation.secret_arn, rotation.token, rotation.rotation_token)


async def _hold(rotation: Rotation, step: Step, rotations: Rotations) -> None:
    arn = rotation.secret_arn
    while rotations.holds.get(arn) == step and not rotation.stopped:
        if rotation.state != "held":
            rotation.state = "held"
            rotations.notice.wake()
        await rotations.notice.wait(_HELD_SECONDS)
    if rotation.state == "held":
        rotation.state = "running"
        rotations.holds.pop(arn, None)


def _is_done(rotation: Rotation) -> bool:
    """Whether AWSCURRENT moved and AWSPENDING is gone already: nothing is left to do."""
    secret = records.by_arn(rotation.secret_arn)
    return (
        secret is not None
        and labels.holder(secret, labels.CURRENT) == rotation.token
        and labels.holder(secret, labels.PENDING) is None
    )


def _finished(secret: Secret, token: str) -> Failure | None:
    """The bookkeeping of a rotation that ran all its steps.

    AWS: it is complete when AWSPENDING is gone or on the version that has AWSCURRENT. A function whose finishSecret
    moves no label succeeds as a function, yet leaves "A previous rotation isn't complete".
    """
    if labels.holder(secret, labels.CURRENT) != token:
        return Failure("finishSecret succeeded, but AWSCURRENT is not on the new version")
    owner = records.scope(secret)
    with request_scope(owner.account_id, owner.region):
        secret["LastRotatedDate"] = clock.now()
        schedules.plan(secret)
        records.changed(secret)
    return None


def _remove_copy(secret: Secret | None, token: str) -> None:
    copied = secret["Versions"].get(token) if secret is not None else None
    if secret is not None and copied is not None and set(copied["Stages"]) <= {labels.PENDING}:
        del secret["Versions"][token]
        owner = records.scope(secret)
        with request_scope(owner.account_id, owner.region):
            records.changed(secret)
