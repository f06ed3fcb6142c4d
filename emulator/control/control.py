"""The control endpoints under /_local/: clock, state of a rotation, retries, holds, faults. No part of AWS.

They need no credentials: the server listens on 127.0.0.1 only. docs/local-cloud.md shows every request.
"""

import asyncio
import dataclasses
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app as ministack_app
from ministack.core.responses import get_account_id, get_region, request_scope

from .. import ministack_version
from ..rotation import scheduler
from ..secrets import records
from ..secrets.clock import clock
from ..secrets.errors import ApiError
from .faults import KINDS, Fault, faults
from ..rotation.lambda_invocation import STEPS
from ..rotation.rotation import RetryPolicy
from ..rotation.rotations import rotations

_LONGEST_WAIT = 120.0
_STATES = ("idle", "running", "held", "waiting", "settled")


class BadRequest(Exception):
    """A control request that is not understood; the message says what was expected."""


async def health(_: dict[str, Any]) -> Any:
    """Ready as soon as it answers. The process id tells a launcher whether this is the one that it started."""
    return {
        "status": "ready",
        "pid": os.getpid(),
        "ministack": ministack_version.REQUIRED,
        "auth": ministack_app.AUTH,
        "rotations_under_way": rotations.under_way(),
    }


async def read_clock(_: dict[str, Any]) -> Any:
    return {"now": clock.now(), "advanced_seconds": clock.advanced}


async def advance_clock(data: dict[str, Any]) -> Any:
    """Move the clock; what became due has started when this answers."""
    seconds = data.get("advance_seconds")
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise BadRequest("advance_seconds: a number that is not negative")
    clock.advance(seconds)
    return {**await read_clock(data), "started": scheduler.start_due()}


async def read_rotation(data: dict[str, Any]) -> Any:
    """The state of a secret's rotation, at once, or when it is the awaited one."""
    arn = _secret_arn(data)
    wanted = data.get("wait")
    if wanted is None:
        return rotations.view(arn)
    if wanted not in _STATES:
        raise BadRequest(f"wait: one of {', '.join(_STATES)}")
    loop = asyncio.get_running_loop()
    until = loop.time() + min(float(data.get("timeout", 30)), _LONGEST_WAIT)
    while not _is(wanted, view := rotations.view(arn)):
        if loop.time() >= until:
            return {**view, "timed_out": True}
        await rotations.notice.wait(until - loop.time())
    return view


def _is(wanted: str, view: dict[str, Any]) -> bool:
    # settled: no step runs, whether or not another attempt will come.
    return view["state"] in ("idle", "waiting") if wanted == "settled" else view["state"] == wanted


async def set_retries(data: dict[str, Any]) -> Any:
    """How often, and how far apart, the rotations of one secret are retried that start from now on."""
    policy = RetryPolicy(
        retries=int(data.get("retries", rotations.default_policy.retries)),
        spacing=float(data.get("spacing_seconds", rotations.default_policy.spacing)),
    )
    rotations.policies[_secret_arn(data)] = policy
    return {"retries": policy.retries, "spacing_seconds": policy.spacing}


async def hold(data: dict[str, Any]) -> Any:
    """Let the secret's next rotation stand still before a step, once, until it is released."""
    step = data.get("step")
    if step not in STEPS:
        raise BadRequest(f"step: one of {', '.join(STEPS)}")
    rotations.holds[_secret_arn(data)] = step
    return {"held_before": step}


async def release(data: dict[str, Any]) -> Any:
    rotations.holds.pop(_secret_arn(data), None)
    rotations.notice.wake()
    return {}


async def list_faults(_: dict[str, Any]) -> Any:
    return {"faults": [dataclasses.asdict(fault) for fault in faults.armed]}


async def arm_fault(data: dict[str, Any]) -> Any:
    known = {one.name for one in dataclasses.fields(Fault)} - {"id", "fired"}
    if unknown := set(data) - known:
        raise BadRequest(f"unknown member {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
    if data.get("kind") not in KINDS or not isinstance(data.get("action"), str):
        raise BadRequest(f"action: a Secrets Manager action; kind: one of {', '.join(KINDS)}")
    fault = Fault(**data)
    faults.arm(fault)
    return dataclasses.asdict(fault)


async def disarm_faults(data: dict[str, Any]) -> Any:
    faults.disarm(int(data["id"]) if "id" in data else None)
    return {}


def _secret_arn(data: dict[str, Any]) -> str:
    secret_id = data.get("secret")
    if not isinstance(secret_id, str):
        raise BadRequest("secret: its ARN or name")
    if records.by_arn(secret_id) is not None:
        return secret_id
    # By name: in this account and region, or the server's own.
    with request_scope(data.get("account", get_account_id()), data.get("region", get_region())):
        return records.find(secret_id)["ARN"]


Route = Callable[[dict[str, Any]], Awaitable[Any]]
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/_local/health"): health,
    ("GET", "/_local/clock"): read_clock,
    ("POST", "/_local/clock"): advance_clock,
    ("GET", "/_local/rotation"): read_rotation,
    ("PUT", "/_local/retries"): set_retries,
    ("PUT", "/_local/hold"): hold,
    ("DELETE", "/_local/hold"): release,
    ("GET", "/_local/faults"): list_faults,
    ("POST", "/_local/faults"): arm_fault,
    ("DELETE", "/_local/faults"): disarm_faults,
}


async def answer(method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Serve one control request: parameters come in the query, as a JSON object, or both."""
    route = ROUTES.get((method, path))
    if route is None:
        return 404, _json({"error": f"no control endpoint {method} {path}"})
    try:
        given = json.loads(body) if body else {}
        if not isinstance(given, dict):
            raise BadRequest("a JSON object was expected")
        return 200, _json(await route({**query, **given}))
    except (BadRequest, ValueError, TypeError) as problem:
        return 400, _json({"error": str(problem)})
    except ApiError as problem:
        return 404, _json({"error": problem.message})


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
