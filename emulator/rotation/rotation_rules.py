"""RotationRules: when the rotation windows of a schedule open and close.

AWS (RotationRulesType): rate() of at least four hours and at most 999 days, AutomaticallyAfterDays
of 1 to 1000, or cron(), in UTC. "If you don't specify a Duration, for a ScheduleExpression in
hours, the window automatically closes after one hour. For a ScheduleExpression in days, the window
automatically closes at the end of the UTC day." A rate in hours counts from the full hour of the
last rotation: ASSUMPTION aws-schedule. A rate in days counts from midnight ("the rotation
window starts at midnight").

AWS (userguide, "Schedule expressions in Secrets Manager rotation"): a cron() expression has six
fields. The minutes are 0, the year is *, and one of the two day fields is ?. EventBridge has the
same fields, so ministack's code for EventBridge parses the expression. That code accepts more than
Secrets Manager does. A cron expression with several hours is a schedule in hours.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ministack.services import eventbridge

from emulator.secrets.errors import ApiError, invalid_parameter

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Schedule:
    interval: timedelta | tuple[Any, ...]
    """The interval of a rate, or the fields of a cron expression as ministack parses them."""
    in_days: bool
    duration: timedelta | None

    def next_window(self, after: datetime) -> tuple[datetime, datetime]:
        """Start and end of the first window after a rotation at this moment."""
        start = self._next_start(after)
        default = start.replace(hour=0) + DAY - start if self.in_days else HOUR
        return start, start + (self.duration or default)

    def _next_start(self, after: datetime) -> datetime:
        if isinstance(self.interval, timedelta):
            full_hour = after.replace(minute=0, second=0, microsecond=0)
            return (full_hour.replace(hour=0) if self.in_days else full_hour) + self.interval
        start: datetime | None = eventbridge._cron_next_fire(self.interval, after)
        if start is None:
            raise _invalid("the cron expression never starts a rotation")
        return start


def parse(rules: dict[str, Any]) -> Schedule | None:
    """The schedule, if any. Raise InvalidParameterException for rules that AWS refuses."""
    days, expression = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    duration = _duration(rules.get("Duration"))
    if days is not None and expression is not None:
        raise _invalid("AutomaticallyAfterDays and ScheduleExpression exclude each other")
    if days is not None:
        if not 1 <= int(days) <= 1000:
            raise _invalid("AutomaticallyAfterDays must be within 1-1000")
        return Schedule(int(days) * DAY, True, duration)
    if expression is None:
        return None
    if match := re.fullmatch(r"rate\((\d+) (hour|day)s?\)", expression):
        interval = int(match[1]) * (DAY if match[2] == "day" else HOUR)
        if not 4 * HOUR <= interval <= 999 * DAY:
            raise _invalid("a rate is at least 4 hours and at most 999 days")
        return Schedule(interval, interval % DAY == timedelta(0), duration)
    return _cron(expression, duration)


def _cron(expression: str, duration: timedelta | None) -> Schedule:
    match = re.fullmatch(r"cron\(0 (\S+) (\S+) (\S+) (\S+) \*\)", expression.upper().replace("CRON", "cron"))
    if match is None or (match[2] == "?") == (match[4] == "?"):
        raise _invalid("ScheduleExpression must be rate(N hours), rate(N days) or cron(0 H D M W *)")
    hours, day_of_month, month, day_of_week = match.groups()
    # AWS: L alone is "the last day of the week". For ministack, it is the last one of the month.
    weekday = "SAT" if day_of_week == "L" else day_of_week
    parsed = eventbridge._parse_cron_fields(f"cron(0 {hours} {day_of_month} {month} {weekday} *)")
    if parsed is None:
        raise _invalid("a field of the cron expression is not valid")
    return Schedule(parsed, len(parsed[1]) == 1, duration)


def _duration(text: str | None) -> timedelta | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,2})h", text)
    if match is None or not 1 <= int(match[1]) <= 24:
        raise _invalid("Duration must be a number of hours from 1h to 24h, such as 3h")
    return int(match[1]) * HOUR


def _invalid(reason: str) -> ApiError:
    return invalid_parameter(f"RotationRules are not valid: {reason}.")
