"""Faults that a test arms: one action of Secrets Manager on one secret goes wrong, a set number of times.

`fail-before`: answered with InternalServiceError, nothing happens. `lose-answer`: it happens, but the caller gets a 500
or a cut connection. `throttle`: ThrottlingException, nothing happens. `hang`: it happens only after some seconds.
"""

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


from ..secrets import records
from ..secrets.errors import ApiError

KINDS = ("fail-before", "lose-answer", "throttle", "hang")

AsgiApp = Callable[..., Awaitable[None]]
_log = logging.getLogger("emulator.faults")
_ids = itertools.count(1)


@dataclass
class Fault:
    action: str
    kind: str
    secret: str | None = None
    """Name or ARN; None for any secret."""
    match: dict[str, Any] = field(default_factory=dict)
    """Members that the request must have, such as {"VersionStages": ["AWSPENDING"]}."""
    skip: int = 0
    """How many matching calls pass before the fault strikes."""
    times: int = 1
    cut: bool = False
    """lose-answer: cut the connection instead of answering 500."""
    seconds: float = 0.0
    """hang: how long."""
    fired: int = 0
    id: int = field(default_factory=lambda: next(_ids))

    def strikes(self, action: str, data: dict[str, Any], arn: str | None) -> bool:
        if action != self.action or self.fired >= self.times:
            return False
        if self.secret is not None and self.secret not in (data.get("SecretId"), arn, _name_in(arn)):
            return False
        if any(data.get(key) != value for key, value in self.match.items()):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.fired += 1
        return True


def _name_in(arn: str | None) -> str | None:
    return arn.partition(":secret:")[2][:-7] if arn else None


def _arn_of(secret_id: Any) -> str | None:
    """The ARN of the request's secret; a fault armed by name strikes a call by ARN, and the other way round."""
    try:
        return records.find(secret_id)["ARN"]
    except ApiError:
        return secret_id if isinstance(secret_id, str) and secret_id.startswith("arn:") else None


class Faults:
    """The armed faults, as a layer around the server."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self.armed.append(fault)

    def disarm(self, fault_id: int | None = None) -> None:
        self.armed = [fault for fault in self.armed if fault_id is not None and fault.id != fault_id]

    async def serve(self, app: AsgiApp, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the request on to the server, or do to it what an armed fault says."""
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        service, _, action = headers.get("x-amz-target", "").partition(".")
        if not self.armed or service != "secretsmanager":
            await app(scope, receive, send)
            return
        body = await _read(receive)
        fault = self._striking(action, body)
        if fault is None:
            await app(scope, _replay(body, receive), send)
            return
        _log.info("%s strikes %s", fault.kind, action)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
            await app(scope, _replay(body, receive), send)
        elif fault.kind == "throttle":
            await _answer(send, 400, "ThrottlingException", "Rate exceeded")
        elif fault.kind == "fail-before":
            await _answer(send, 500, "InternalServiceError", "An error occurred on the server side.")
        else:
            await app(scope, _replay(body, receive), _swallow)
            if fault.cut:
                await _cut(send)
            else:
                await _answer(send, 500, "InternalServiceError", "An error occurred on the server side.")

    def _striking(self, action: str, body: bytes) -> Fault | None:
        try:
            data = json.loads(body)
        except ValueError:
            return None
        arn = _arn_of(data.get("SecretId"))
        return next((fault for fault in self.armed if fault.strikes(action, data, arn)), None)


async def _read(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Any) -> Any:
    replayed = False

    async def receive_again() -> dict[str, Any]:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def _swallow(message: dict[str, Any]) -> None:
    pass


async def _answer(send: Any, status: int, code: str, message: str) -> None:
    body = json.dumps({"__type": code, "message": message}).encode()
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(body)),
        "x-amzn-errortype": code,
    }
    await send({"type": "http.response.start", "status": status,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _cut(send: Any) -> None:
    """Promise a body and send none: the server then closes the connection in the middle of the answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})


faults = Faults()
