"""The next window of a secret's schedule, kept in its record.

AWS (DescribeSecret, NextRotationDate): "The next rotation is scheduled to occur on or before this date ... If rotation
is unsuccessful, this date may be in the past." So it is the last second of the window.
"""

from datetime import datetime, timezone

from . import rotation_rules
from ..secrets.clock import clock
from ..secrets.records import Secret


def plan(secret: Secret) -> None:
    """Plan the next window from now: after a rotation, a person's write, or a change of the schedule.

    ASSUMPTION: a changed rate() counts from the change. AWS warns that the previously planned rotation may still occur.
    """
    _set_window(secret, clock.now(), shown=True)
    clock.wake()


def missed(secret: Secret) -> None:
    """The window opened: plan the one after it, for a rotation that fails. NextRotationDate stays until a success."""
    _set_window(secret, clock.now(), shown=False)


def forget(secret: Secret) -> None:
    """Rotation was turned off."""
    for key in ("_WindowStart", "NextRotationDate"):
        secret.pop(key, None)


def opens_at(secret: Secret) -> float | None:
    """When the secret's next window opens, if it is scheduled."""
    return secret.get("_WindowStart") if secret.get("RotationEnabled") else None


def _set_window(secret: Secret, after: float, *, shown: bool) -> None:
    if not secret.get("RotationEnabled"):
        return
    schedule = rotation_rules.parse(secret.get("RotationRules") or {})
    if schedule is None:
        forget(secret)
        return
    window = schedule.next_window(datetime.fromtimestamp(after, timezone.utc))
    secret["_WindowStart"] = window.start.timestamp()
    if shown:
        secret["NextRotationDate"] = window.end.timestamp() - 1
