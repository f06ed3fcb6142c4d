"""The control endpoints under /_local/: clock, rotations, retries, holds, faults.

The endpoints need no credentials, because the server listens on 127.0.0.1 only.
docs/local-cloud.md lists every request.
"""

import asyncio
import dataclasses
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from ministack import app as ministack_app

from . import faults
from .clock import clock
from .rotation import scheduler
from .rotation.attempt import STEPS
from .rotation.rotation import RetryPolicy
from .rotation.rotations import rotations
from .secrets import records
from .secrets.errors import ApiError

Message = dict[str, Any]
"""A message of ASGI."""
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Parameters = dict[str, Any]
Answer = dict[str, Any]

_MAX_WAIT_SECONDS = 120.0


async def health(_: Parameters) -> Answer:
    """Answer as soon as the server is ready. A launcher checks the process id."""
    return {"pid": os.getpid()}


async def advance_clock(parameters: Parameters) -> Answer:
    """Advance the clock and start every rotation that is now due. The answer comes after that."""
    seconds = parameters.get("advance_seconds")
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise ValueError("advance_seconds must be a number of at least 0.")
    clock.advance(seconds)
    return {"now": clock.now(), "started": scheduler.start_due()}


async def read_rotation(parameters: Parameters) -> Answer:
    """The state of a secret's rotation. With `wait`: as soon as the rotation has that state."""
    arn = _secret_arn(parameters)
    state = parameters.get("wait")
    if state is None:
        return rotations.view(arn)
    # settled: no step runs, but another attempt may follow. A rotation that is idle is never held.
    states = {"settled": ("idle", "waiting"), "held": ("held", "idle")}.get(state, (state,))
    loop = asyncio.get_running_loop()
    deadline = loop.time() + min(float(parameters.get("timeout", 30)), _MAX_WAIT_SECONDS)
    while (view := rotations.view(arn))["state"] not in states:
        if loop.time() >= deadline:
            return {**view, "timed_out": True}
        await clock.wait(deadline - loop.time())
    return view


async def set_retries(parameters: Parameters) -> Answer:
    """Set the retry policy of rotations that start from now on: of a secret, or of all others."""
    default = rotations.default_policy
    policy = RetryPolicy(
        retries=int(parameters.get("retries", default.retries)),
        spacing=float(parameters.get("spacing_seconds", default.spacing)),
    )
    if "secret" in parameters:
        rotations.policies[_secret_arn(parameters)] = policy
    else:
        rotations.default_policy = policy
    return {"retries": policy.retries, "spacing_seconds": policy.spacing}


async def hold(parameters: Parameters) -> Answer:
    """Hold the secret's next rotation before a step, once, until the hold is released."""
    step = parameters.get("step")
    if step not in STEPS:
        raise ValueError(f"step must be one of {', '.join(STEPS)}.")
    rotations.holds[_secret_arn(parameters)] = step
    return {"held_before": step}


async def release(parameters: Parameters) -> Answer:
    rotations.release(_secret_arn(parameters))
    return {}


async def list_faults(_: Parameters) -> Answer:
    return {"faults": [dataclasses.asdict(fault) for fault in faults.armed]}


async def arm_fault(parameters: Parameters) -> Answer:
    if parameters.get("kind") not in faults.KINDS or not isinstance(parameters.get("action"), str):
        raise ValueError(f"action must be a Secrets Manager action, and kind one of {', '.join(faults.KINDS)}.")
    fault = faults.Fault(**parameters)
    faults.armed.append(fault)
    return dataclasses.asdict(fault)


async def disarm_faults(parameters: Parameters) -> Answer:
    faults.disarm(int(parameters["id"]) if "id" in parameters else None)
    return {}


def _secret_arn(parameters: Parameters) -> str:
    secret_id = parameters.get("secret")
    if not isinstance(secret_id, str):
        raise ValueError("secret must be the ARN or name of a secret.")
    return secret_id if records.by_arn(secret_id) is not None else records.find(secret_id)["ARN"]


_ROUTES: dict[tuple[str, str], Callable[[Parameters], Awaitable[Answer]]] = {
    ("GET", "/_local/health"): health,
    ("POST", "/_local/clock"): advance_clock,
    ("GET", "/_local/rotation"): read_rotation,
    ("PUT", "/_local/retries"): set_retries,
    ("PUT", "/_local/hold"): hold,
    ("DELETE", "/_local/hold"): release,
    ("GET", "/_local/faults"): list_faults,
    ("POST", "/_local/faults"): arm_fault,
    ("DELETE", "/_local/faults"): disarm_faults,
}


async def serve(scope: Message, receive: Receive, send: Send) -> None:
    query = dict(parse_qsl(scope["query_string"].decode()))
    status, answer = await _answer(scope["method"], scope["path"], query, await _body(receive))
    await ministack_app._send_response(send, status, {"content-type": "application/json"}, json.dumps(answer))


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Answer]:
    """Parameters come from the query, from a JSON object in the body, or from both."""
    route = _ROUTES.get((method, path))
    if route is None:
        return 404, {"error": f"There is no control endpoint {method} {path}."}
    try:
        members = json.loads(body) if body else {}
        if not isinstance(members, dict):
            raise ValueError("The body must be a JSON object.")
        return 200, await route({**query, **members})
    except (ValueError, TypeError) as error:
        return 400, {"error": str(error)}
    except ApiError as error:
        return 404, {"error": error.message}
