"""The next rotation window of a secret, stored in the secret's record.

AWS (DescribeSecret, NextRotationDate): "The next rotation is scheduled to occur on or before this
date ... If rotation is unsuccessful, this date may be in the past." So NextRotationDate is the
last second of the window.
"""

from datetime import datetime, timezone

from emulator.clock import clock
from emulator.secrets.records import Secret

from . import rotation_rules


def plan(secret: Secret) -> None:
    """Plan the next window from now, after a rotation, a person's write, or a changed schedule.

    ASSUMPTION aws-schedule: a changed rate() counts from the change. AWS warns that the old
    date may still start a rotation.
    """
    end = _set_window(secret)
    if end is not None:
        secret["NextRotationDate"] = end - 1
    clock.wake()


def plan_retry(secret: Secret) -> None:
    """Plan a window for a failed rotation. NextRotationDate changes only after a success."""
    _set_window(secret)


def clear(secret: Secret) -> None:
    secret.pop("_WindowStart", None)
    secret.pop("NextRotationDate", None)


def window_start(secret: Secret) -> float | None:
    """When the secret's next window opens. None if the secret has no schedule."""
    return secret.get("_WindowStart") if secret.get("RotationEnabled") else None


def _set_window(secret: Secret) -> float | None:
    """Store the start of the next window and return its end, or None without a schedule."""
    if not secret.get("RotationEnabled"):
        return None
    schedule = rotation_rules.parse(secret.get("RotationRules") or {})
    if schedule is None:
        clear(secret)
        return None
    start, end = schedule.next_window(datetime.fromtimestamp(clock.now(), timezone.utc))
    secret["_WindowStart"] = start.timestamp()
    return end.timestamp()
