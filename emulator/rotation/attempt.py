"""One attempt of a rotation: the four steps in order, or only testSecret.

AWS (Lambda developer guide): "Secrets Manager invokes the Lambda rotation function as a
synchronous invocation. The event parameter contains the following fields" Step, SecretId,
ClientRequestToken, and RotationToken.
"""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from emulator.clock import clock
from emulator.secrets import labels, records
from emulator.secrets.records import Secret

from . import schedules
from .rotation import Failure, Rotation, Step

STEPS: tuple[Step, ...] = ("createSecret", "setSecret", "testSecret", "finishSecret")


async def run_attempt(rotation: Rotation, before_step: Callable[[Rotation], Awaitable[None]]) -> Failure | None:
    """Run the steps. Return None if the attempt succeeded or the rotation was stopped."""
    steps: tuple[Step, ...] = ("testSecret",) if rotation.test_only else STEPS
    failure: Failure | None = None
    for step in steps:
        rotation.step = step
        if _is_finished(rotation):
            break
        await before_step(rotation)
        if rotation.stopped:
            break
        failure = await _run_step(rotation)
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


async def _run_step(rotation: Rotation) -> Failure | None:
    """Invoke the function for this step and wait. Return None if the step succeeded."""
    secret = records.by_arn(rotation.secret_arn)
    if secret is None or secret.get("DeletedDate"):
        return Failure("the secret was deleted", retryable=False)
    if labels.version_with(secret, labels.PENDING) != rotation.token:
        # AWS documents nothing for a label that somebody moves during a rotation.
        # ASSUMPTION aws-stopped
        return Failure("AWSPENDING was removed from the version", retryable=False)
    event = {
        "Step": rotation.step,
        "SecretId": rotation.secret_arn,
        "ClientRequestToken": rotation.token,
        "RotationToken": rotation.rotation_token,
    }
    function = parse_arn(rotation.function_arn)
    path = f"/2015-03-31/functions/{quote(rotation.function_arn, safe='')}/invocations"
    with request_scope(function.account_id, function.region):
        status, headers, body = await lambda_svc.handle_request("POST", path, {}, json.dumps(event).encode(), {})
    if status != 200:
        return Failure(f"Lambda answered {status} {headers.get('x-amzn-errortype', '')}".rstrip())
    if "X-Amz-Function-Error" in headers:
        return Failure(f"{rotation.step} failed: {_error_type(body)}")
    return None


def _error_type(body: bytes) -> str:
    try:
        error = json.loads(body)
    except ValueError:
        return "the error is not JSON"
    return str(error.get("errorType", "Unhandled")) if isinstance(error, dict) else "Unhandled"


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

    ASSUMPTION sm-incomplete, ASSUMPTION sm-last-rotated

    AWS: the rotation is complete if AWSPENDING is gone or on the version that has AWSCURRENT. If
    finishSecret succeeds and moves no label, the next RotateSecret answers "A previous rotation
    isn't complete".
    """
    if labels.version_with(secret, labels.CURRENT) != token:
        return Failure("finishSecret succeeded, but AWSCURRENT is not on the new version")
    secret["LastRotatedDate"] = clock.now()
    schedules.plan(secret)
    records.mark_changed(secret)
    return None


def _remove_test_version(secret: Secret, token: str) -> None:
    """Remove the copy of the current version, unless somebody gave the copy another label."""
    version = secret["Versions"].get(token)
    if version is not None and set(version["Stages"]) <= {labels.PENDING}:
        del secret["Versions"][token]
        records.mark_changed(secret)
