"""The next rotation window of a secret, stored in the secret's record.

AWS (DescribeSecret, NextRotationDate): "The next rotation is scheduled to occur on or before this
date ... If rotation is unsuccessful, this date may be in the past." So NextRotationDate is the
last second of the window.

AWS (RotationRulesType): "If you don't specify a Duration, for a ScheduleExpression in hours, the
window automatically closes after one hour. For a ScheduleExpression in days, the window
automatically closes at the end of the UTC day." A rate in hours counts from the full hour of the
last rotation: ASSUMPTION aws-schedule. A rate in days counts from midnight ("the rotation
window starts at midnight"). ministack's code for EventBridge parses cron expressions.
"""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from ministack.services import eventbridge

from emulator.clock import clock
from emulator.secrets.errors import invalid_parameter
from emulator.secrets.records import Secret

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def plan(secret: Secret) -> None:
    """Plan the next window from now, after a rotation, a person's write, or a changed schedule.

    ASSUMPTION aws-schedule: a changed rate() counts from the change. AWS warns that the old
    date may still start a rotation.
    """
    end = plan_retry(secret)
    if end is not None:
        secret["NextRotationDate"] = end - 1
    clock.wake()


def plan_retry(secret: Secret) -> float | None:
    """Plan a window for a failed rotation. NextRotationDate changes only after a success.

    Return the end of the window, or None without a schedule.
    """
    window = next_window(secret.get("RotationRules") or {}) if secret.get("RotationEnabled") else None
    if window is None:
        clear(secret)
        return None
    secret["_WindowStart"] = window[0].timestamp()
    return window[1].timestamp()


def clear(secret: Secret) -> None:
    secret.pop("_WindowStart", None)
    secret.pop("NextRotationDate", None)


def window_start(secret: Secret) -> float | None:
    """When the secret's next window opens. None if the secret has no schedule."""
    return secret.get("_WindowStart") if secret.get("RotationEnabled") else None


def next_window(rules: dict[str, Any]) -> tuple[datetime, datetime] | None:
    """Start and end of the first window after a rotation now. None without a schedule.

    Raise InvalidParameterException for an expression that nothing can parse.
    """
    days = rules.get("AutomaticallyAfterDays")
    expression = rules.get("ScheduleExpression") if days is None else f"rate({days} days)"
    if expression is None:
        return None
    now = datetime.fromtimestamp(clock.now(), timezone.utc)
    if match := re.fullmatch(r"rate\((\d+) (hour|day)s?\)", expression):
        in_days = match[2] == "day"
        full_hour = now.replace(minute=0, second=0, microsecond=0)
        start = (full_hour.replace(hour=0) if in_days else full_hour) + int(match[1]) * (_DAY if in_days else _HOUR)
    else:
        start, in_days = _next_cron(expression, now)
    default = start.replace(hour=0) + _DAY - start if in_days else _HOUR
    duration = rules.get("Duration")
    return start, start + (default if duration is None else int(duration.removesuffix("h")) * _HOUR)


def _next_cron(expression: str, now: datetime) -> tuple[datetime, bool]:
    """The next start, and whether the schedule is one in days: not with several hours."""
    # AWS: L alone is "the last day of the week". For ministack, it is the last one of the month.
    expression = re.sub(r" L \*\)$", " SAT *)", expression)
    # AWS: /8 is "every eight hours starting at midnight". ministack does not know it.
    fields = eventbridge._parse_cron_fields(expression.replace("(0 /", "(0 */"))
    start: datetime | None = fields and eventbridge._cron_next_fire(fields, now)
    if start is None:
        raise invalid_parameter(f"The expression {expression} never starts a rotation.")
    return start, len(fields[1]) == 1
