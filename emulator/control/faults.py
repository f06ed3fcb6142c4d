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
import logging
from dataclasses import dataclass, field
from typing import Any

from emulator.asgi.messages import App, Message, Receive, Send, decode_headers, read_body, respond
from emulator.secrets import records
from emulator.secrets.errors import ApiError

KINDS = ("fail-before", "lose-answer", "throttle", "deny", "key-failure", "hang")

_log = logging.getLogger("emulator.faults")
_ids = itertools.count(1)


@dataclass
class Fault:
    action: str
    kind: str
    secret: str | None = None
    """Name or ARN of the secret. None: any secret."""
    match: dict[str, Any] = field(default_factory=dict)
    """Members that the request must have, such as {"VersionStages": ["AWSPENDING"]}."""
    skip: int = 0
    """How many matching calls pass before the fault applies."""
    times: int = 1
    """How many calls the fault changes."""
    cut: bool = False
    """For lose-answer: cut the connection instead of answering 500."""
    seconds: float = 0.0
    """For hang: the delay."""
    fired: int = 0
    """How many calls the fault has changed."""
    id: int = field(default_factory=lambda: next(_ids))

    def take(self, action: str, data: dict[str, Any], arn: str | None) -> bool:
        """Whether the fault applies to this call. A call that matches is counted."""
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


def _arn_of(secret_id: str | None) -> str | None:
    """The ARN of the call's secret. A fault for a name also applies to a call with the ARN."""
    try:
        return records.find(secret_id)["ARN"]
    except ApiError:
        return secret_id if secret_id and secret_id.startswith("arn:") else None


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
        receive_again = _replay(body, receive)
        fault = self._take(action, body)
        if fault is None:
            await app(scope, receive_again, send)
            return
        _log.info("The fault %s applies to %s.", fault.kind, action)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
            await app(scope, receive_again, send)
        elif fault.kind == "throttle":
            await refuse(send, 400, "ThrottlingException", "Rate exceeded")
        elif fault.kind == "deny":
            await refuse(send, 400, "AccessDeniedException", f"Not authorized to perform: secretsmanager:{action}")
        elif fault.kind == "key-failure":
            await refuse(send, 400, *_key_failure(action))
        elif fault.kind == "fail-before":
            await _fail(send)
        else:
            await app(scope, receive_again, _discard)
            await (_cut(send) if fault.cut else _fail(send))

    def _take(self, action: str, body: bytes) -> Fault | None:
        try:
            data = json.loads(body)
        except ValueError:
            return None
        arn = _arn_of(data.get("SecretId"))
        return next((fault for fault in self.armed if fault.take(action, data, arn)), None)


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


async def refuse(send: Send, status: int, code: str, message: str) -> None:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
    await respond(send, status, headers, json.dumps({"__type": code, "message": message}).encode())


def _key_failure(action: str) -> tuple[str, str]:
    """AWS's API model has these two errors. ASSUMPTION: the messages."""
    if action == "GetSecretValue":
        return "DecryptionFailure", "Secrets Manager can't decrypt the secret value with the KMS key."
    return "EncryptionFailure", "Secrets Manager can't encrypt the secret value with the KMS key."


async def _fail(send: Send) -> None:
    await refuse(send, 500, "InternalServiceError", "An error occurred on the server side.")


async def _cut(send: Send) -> None:
    """Announce a body and send none, so that the connection ends inside the answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})


faults = Faults()
