"""One step of a rotation: one real invocation of the function.

AWS (Lambda developer guide): "Secrets Manager invokes the Lambda rotation function as a synchronous invocation. The
event parameter contains the following fields" Step, SecretId, ClientRequestToken, and RotationToken.
"""

import json
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from ministack.core.arn import parse_arn

from ..access import loopback

Step = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]
STEPS: tuple[Step, ...] = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass(frozen=True)
class Failure:
    """Why a step or an attempt failed. Never a message of the function: that one belongs to its log."""

    reason: str
    retryable: bool = True


async def run_step(function_arn: str, step: Step, secret_arn: str, token: str, rotation_token: str) -> Failure | None:
    """Invoke the function for this step and wait; None when it succeeded."""
    event = {"Step": step, "SecretId": secret_arn, "ClientRequestToken": token, "RotationToken": rotation_token}
    target = parse_arn(function_arn)
    answer = await loopback.request(
        "lambda",
        target.account_id,
        target.region,
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
        found = json.loads(body)
    except ValueError:
        return "an error that is no JSON"
    return str(found.get("errorType", "Unhandled")) if isinstance(found, dict) else "Unhandled"
