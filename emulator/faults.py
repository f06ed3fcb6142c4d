"""Faults that a test arms.

A fault changes calls of one Secrets Manager action, a given number of times.

- fail-before: the caller gets InternalServiceError, and the call does not happen.
- lose-answer: the call happens. The caller gets a 500, or the connection ends inside the answer.
- throttle: the caller gets ThrottlingException, and the call does not happen.
- deny: the caller gets AccessDeniedException, and the call does not happen.
- key-failure: the KMS key cannot decrypt or encrypt the value, and the call does not happen.
- hang: the call happens after some seconds.
"""

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from .asgi import App, Message, Receive, Send, decode_headers, read_body, respond
from .secrets import records
from .secrets.errors import ApiError

KINDS = ("fail-before", "lose-answer", "throttle", "deny", "key-failure", "hang")

_ids = itertools.count(1)


@dataclass
class Fault:
    action: str
    kind: str
    secret: str | None = None
    """Name or ARN of the secret. None: any secret."""
    match: dict[str, Any] = field(default_factory=dict)
    """Members that the request must have, such as {"VersionStages": ["AWSPENDING"]}."""
    times: int = 1
    """How many calls the fault changes."""
    cut: bool = False
    """For lose-answer: cut the connection instead of answering 500."""
    seconds: float = 0.0
    """For hang: the delay."""
    fired: int = 0
    """How many calls the fault has changed."""
    id: int = field(default_factory=lambda: next(_ids))

    def take(self, action: str, data: dict[str, Any], names: tuple[str | None, ...]) -> bool:
        """Whether the fault applies to this call. A call that matches is counted."""
        if action != self.action or self.fired >= self.times:
            return False
        if self.secret is not None and self.secret not in names:
            return False
        if any(data.get(key) != value for key, value in self.match.items()):
            return False
        self.fired += 1
        return True


class Faults:
    """The armed faults."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def disarm(self, fault_id: int | None = None) -> None:
        """Remove the fault with this id, or all faults."""
        self.armed = [fault for fault in self.armed if fault_id is not None and fault.id != fault_id]

    async def serve(self, app: App, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request to the app, changed by the first armed fault that applies."""
        service, _, action = decode_headers(scope["headers"]).get("x-amz-target", "").partition(".")
        if not self.armed or service != "secretsmanager":
            await app(scope, receive, send)
            return
        body = await read_body(receive)
        fault = self._take(action, json.loads(body))
        if fault is None or fault.kind == "hang":
            await asyncio.sleep(fault.seconds if fault else 0)
            await app(scope, _replay(body, receive), send)
            return
        if fault.kind == "lose-answer":
            await app(scope, _replay(body, receive), _discard)
            if fault.cut:
                # Announces a body and sends none, so that the connection ends inside the answer.
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
                return
        status, code, message = _error(fault.kind, action)
        headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
        await respond(send, status, headers, json.dumps({"__type": code, "message": message}).encode())

    def _take(self, action: str, data: dict[str, Any]) -> Fault | None:
        names = _names_of(data.get("SecretId"))
        return next((fault for fault in self.armed if fault.take(action, data, names)), None)


def _names_of(secret_id: str | None) -> tuple[str | None, ...]:
    """Name and ARN of the call's secret, because the fault may have the other of the two."""
    try:
        secret = records.find(secret_id)
    except ApiError:
        return (secret_id,)
    return secret_id, secret["ARN"], secret["Name"]


def _error(kind: str, action: str) -> tuple[int, str, str]:
    """Status, code and message. ASSUMPTION aws-texts: the messages about the key."""
    if kind == "throttle":
        return 400, "ThrottlingException", "Rate exceeded"
    if kind == "deny":
        return 400, "AccessDeniedException", f"Not authorized to perform: secretsmanager:{action}"
    if kind == "key-failure":
        if action == "GetSecretValue":
            return 400, "DecryptionFailure", "Secrets Manager can't decrypt the secret value with the KMS key."
        return 400, "EncryptionFailure", "Secrets Manager can't encrypt the secret value with the KMS key."
    return 500, "InternalServiceError", "An error occurred on the server side."


def _replay(body: bytes, receive: Receive) -> Receive:
    replayed = False

    async def receive_again() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def _discard(message: Message) -> None:
    pass


faults = Faults()
