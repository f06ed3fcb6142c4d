"""The events of rotations: logged, sent to EventBridge, and kept for the control endpoint."""

import logging
from collections import deque
from typing import Any

from emulator.secrets import records
from emulator.timing.clock import clock

from . import rotation_events
from .step import Failure

_log = logging.getLogger("emulator.rotation")
_LIMIT = 50


class History:
    def __init__(self) -> None:
        self._entries: dict[str, deque[dict[str, Any]]] = {}

    def of(self, secret_arn: str) -> list[dict[str, Any]]:
        """The last 50 events, oldest first."""
        return list(self._entries.get(secret_arn, ()))

    def add(self, event: str, secret_arn: str, token: str, attempt: int, failure: Failure | None = None) -> None:
        entry = {"event": event, "token": token, "attempt": attempt, "at": clock.now()}
        if failure is not None:
            entry["reason"] = failure.reason
        self._entries.setdefault(secret_arn, deque(maxlen=_LIMIT)).append(entry)
        _log.info("%s %s (attempt %d)%s", event, secret_arn, attempt, f": {failure.reason}" if failure else "")
        secret = records.by_arn(secret_arn)
        if secret is not None:
            rotation_events.send(event, secret)

    def clear(self) -> None:
        self._entries.clear()
