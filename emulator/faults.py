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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import error_response_json

from .secrets import records
from .secrets.errors import ApiError, Response

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


armed: list[Fault] = []


def disarm(fault_id: int | None = None) -> None:
    """Remove the fault with this id, or all faults."""
    armed[:] = [fault for fault in armed if fault_id is not None and fault.id != fault_id]


async def around(action: str, data: dict[str, Any], call: Callable[[], Awaitable[Response]]) -> Response:
    """The answer of the call, changed by the first armed fault that applies."""
    names = _names_of(data.get("SecretId"))
    fault = next((fault for fault in armed if fault.take(action, data, names)), None)
    if fault is None or fault.kind == "hang":
        await asyncio.sleep(fault.seconds if fault else 0)
        return await call()
    if fault.kind == "lose-answer":
        await call()
        if fault.cut:
            # Announces a body and sends none, so that the connection ends inside the answer.
            return 200, {"content-length": "2"}, b""
    return _error(fault.kind, action)


def _names_of(secret_id: str | None) -> tuple[str | None, ...]:
    """Name and ARN of the call's secret, because the fault may have the other of the two."""
    try:
        secret = records.find(secret_id)
    except ApiError:
        return (secret_id,)
    return secret_id, secret["ARN"], secret["Name"]


def _error(kind: str, action: str) -> Response:
    """ASSUMPTION aws-texts: the messages about the key."""
    if kind == "throttle":
        return ApiError("ThrottlingException", "Rate exceeded").response()
    if kind == "deny":
        return ApiError("AccessDeniedException", f"Not authorized to perform: secretsmanager:{action}").response()
    if kind == "key-failure":
        code, use = ("DecryptionFailure", "decrypt") if action == "GetSecretValue" else ("EncryptionFailure", "encrypt")
        return ApiError(code, f"Secrets Manager can't {use} the secret value with the KMS key.").response()
    response: Response = error_response_json("InternalServiceError", "An error occurred on the server side.", 500)
    return response
