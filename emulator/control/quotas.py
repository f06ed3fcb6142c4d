"""AWS's quotas of calls a second, in one account and region.

AWS (Secrets Manager quotas): PutSecretValue, UpdateSecret and UpdateSecretVersionStage have 50
calls a second together, RotateSecret and CancelRotateSecret have 50 together. ASSUMPTION: each
quota is a bucket that holds the calls of one second and refills evenly.
"""

import time

from emulator.asgi.messages import App, Message, Receive, Send, decode_headers

from .calls import calls
from .faults import refuse

_SHARED = (
    ("PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"),
    ("RotateSecret", "CancelRotateSecret"),
)


class _Bucket:
    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._per_second, self._left + self._per_second * (now - self._at))
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Quotas:
    """Throttles the calls that exceed a quota. Without `enforce`, no call exceeds one."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def enforce(self, per_second: float) -> None:
        for actions in _SHARED:
            self._buckets.update(dict.fromkeys(actions, _Bucket(per_second)))

    async def serve(self, app: App, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request to the app if its quota allows it."""
        service, _, action = decode_headers(scope["headers"]).get("x-amz-target", "").partition(".")
        bucket = self._buckets.get(action) if service == "secretsmanager" else None
        if bucket is None or bucket.take():
            await app(scope, receive, send)
            return
        calls.throttled += 1
        await refuse(send, 400, "ThrottlingException", "Rate exceeded")


quotas = Quotas()
