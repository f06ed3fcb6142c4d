"""Starts the rotations whose window opened.

ASSUMPTION aws-schedule: the rotation starts when its window opens ("Secrets Manager rotates
your secret at any time during this window"). A clock that is advanced over several windows starts
one rotation.
"""

import logging
import math

from ministack.core.responses import new_uuid
from ministack.services import secretsmanager as sm

from emulator.clock import clock
from emulator.secrets import labels, records
from emulator.secrets.records import Secret

from . import schedules
from .rotations import rotations

_log = logging.getLogger("emulator.rotation")


def start_due() -> list[str]:
    """Start every rotation that is due. Return the ARNs of the secrets."""
    due = [secret for secret in sm._secrets.all_values() if _is_due(secret)]
    for secret in due:
        _start(secret)
    return [secret["ARN"] for secret in due]


def _is_due(secret: Secret) -> bool:
    start = schedules.window_start(secret)
    if start is None or start > clock.now() or secret.get("DeletedDate"):
        return False
    return rotations.is_idle(secret["ARN"])


def _start(secret: Secret) -> None:
    with records.scope(secret):
        schedules.plan_retry(secret)
        if labels.incomplete_rotation(secret):
            rotations.reattempt(secret, at_once=True)
        else:
            rotations.start(secret, new_uuid())


async def run() -> None:
    """Start rotations when they become due, until the task is cancelled."""
    while True:
        try:
            start_due()
            starts = [schedules.window_start(secret) for secret in sm._secrets.all_values()]
            # A secret that is due now waits for its running rotation, whose end wakes this loop.
            now = clock.now()
            await clock.wait(min((start for start in starts if start and start > now), default=math.inf) - now)
        except Exception:
            _log.exception("The scheduler failed. It tries again in a second.")
            await clock.wait(1)
