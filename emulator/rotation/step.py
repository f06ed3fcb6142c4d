"""A step of a rotation: one real invocation of the function.

AWS (Lambda developer guide): "Secrets Manager invokes the Lambda rotation function as a
synchronous invocation. The event parameter contains the following fields" Step, SecretId,
ClientRequestToken, and RotationToken.
"""

import json
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from ministack.core.arn import parse_arn

from emulator.asgi import loopback

Step = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]
STEPS: tuple[Step, ...] = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass(frozen=True)
class Failure:
    """Why a step or an attempt failed. The reason never holds a message of the function."""

    reason: str
    retryable: bool = True


async def run_step(function_arn: str, step: Step, secret_arn: str, token: str, rotation_token: str) -> Failure | None:
    """Invoke the function for this step and wait. Return None if the step succeeded."""
    event = {"Step": step, "SecretId": secret_arn, "ClientRequestToken": token, "RotationToken": rotation_token}
    function = parse_arn(function_arn)
    answer = await loopback.request(
        "lambda",
        function.account_id,
        function.region,
        "POST",
        f"/2015-03-31/functions/{quote(function_arn, safe='')}/invocations",
        json.dumps(event).encode(),
    )
    if answer.status != 200:
        return Failure(f"Lambda answered {answer.status} {answer.headers.get('x-amzn-errortype', '')}".rstrip())
    if "x-amz-function-error" in answer.headers:
        return Failure(f"{step} failed: {_error_type(answer.body)}")
    return None


def _error_type(body: bytes) -> str:
    try:
        error = json.loads(body)
    except ValueError:
        return "the error is not JSON"
    return str(error.get("errorType", "Unhandled")) if isinstance(error, dict) else "Unhandled"
