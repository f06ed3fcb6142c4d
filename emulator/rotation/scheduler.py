"""Starts the rotations whose window opened.

ASSUMPTION: the rotation starts when its window opens ("Secrets Manager rotates your secret at any time during this
window"), and a clock that is advanced over several windows starts one rotation.
"""

import logging

from ministack.core.responses import new_uuid, request_scope
from ministack.services import secretsmanager as sm

from . import schedules
from ..secrets import labels, records
from ..secrets.clock import clock
from ..secrets.records import Secret
from .rotations import rotations

_log = logging.getLogger("emulator.rotation")


def start_due() -> list[str]:
    """Start what is due now; the ARNs of the secrets concerned."""
    started = []
    for secret in sm._secrets.all_values():
        opens_at = schedules.opens_at(secret)
        if opens_at is None or opens_at > clock.now() or secret.get("DeletedDate"):
            continue
        if rotations.view(secret["ARN"])["state"] != "idle":
            continue  # its end wakes the scheduler
        _start(secret)
        started.append(secret["ARN"])
    return started


def _start(secret: Secret) -> None:
    owner = records.scope(secret)
    with request_scope(owner.account_id, owner.region):
        schedules.missed(secret)
        if labels.rotation_incomplete(secret):
            rotations.reattempt(secret, at_once=True)
        else:
            rotations.start(secret, new_uuid())


async def run() -> None:
    """Start what is due, for ever."""
    while True:
        try:
            start_due()
            due = [moment for secret in sm._secrets.all_values() if (moment := schedules.opens_at(secret)) is not None]
            # What is due already waits for a running rotation, whose end wakes this.
            future = [moment for moment in due if moment > clock.now()]
            await clock.wait_for_wake(min(future, default=None))
        except Exception:
            _log.exception("the scheduler stumbled")
            await clock.wait_for_wake(clock.now() + 1)
