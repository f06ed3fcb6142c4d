"""RotationRules: when the windows of a schedule open and close.

AWS (RotationRulesType): rate() of at least four hours and at most 999 days, AutomaticallyAfterDays of 1 to 1000, or
cron(); UTC. "If you don't specify a Duration, for a ScheduleExpression in hours, the window automatically closes after
one hour. For a ScheduleExpression in days, the window automatically closes at the end of the UTC day." A window "must
not extend into the next rotation window or the next UTC day". ASSUMPTION: a rate in hours counts from the full hour of
the last rotation, a rate in days from its midnight ("the rotation window starts at midnight").
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import cron
from .cron import BadExpression
from ..secrets.errors import ApiError, invalid_parameter

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_SHORTEST = 4 * HOUR
_LONGEST_DAYS = 999


@dataclass(frozen=True)
class Window:
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Schedule:
    every: timedelta | None
    """The interval of a rate; None for a cron expression."""
    cron: cron.Cron | None
    duration: timedelta | None

    @property
    def in_days(self) -> bool:
        if self.cron is not None:
            return not self.cron.several_a_day
        return self.every is not None and self.every % DAY == timedelta(0)

    def next_window(self, after: datetime) -> Window:
        """The first window after a rotation (or a failed window's start) at this moment."""
        if self.cron is not None:
            start = self.cron.next_after(after)
        else:
            assert self.every is not None
            counted_from = after.replace(hour=0 if self.in_days else after.hour, minute=0, second=0, microsecond=0)
            start = counted_from + self.every
        return Window(start, start + (self.duration or self._default_duration(start)))

    def _default_duration(self, start: datetime) -> timedelta:
        return start.replace(hour=0) + DAY - start if self.in_days else HOUR


def parse(rules: dict[str, Any]) -> Schedule | None:
    """The schedule of RotationRules, None when they hold none; InvalidParameterException when AWS refuses them."""
    try:
        return _checked(_parsed(rules))
    except BadExpression as problem:
        raise invalid_parameter(f"RotationRules are not valid: {problem}.") from None


def _parsed(rules: dict[str, Any]) -> Schedule | None:
    days, expression = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    duration = _duration(rules.get("Duration"))
    if days is not None and expression is not None:
        raise BadExpression("AutomaticallyAfterDays and ScheduleExpression exclude each other")
    if days is not None:
        if not isinstance(days, int) or not 1 <= days <= 1000:
            raise _days_out_of_range()
        return Schedule(days * DAY, None, duration)
    if expression is None:
        if duration is not None:
            raise BadExpression("Duration needs a ScheduleExpression")
        return None
    if match := re.fullmatch(r"rate\((\d+) (hours?|days?)\)", expression):
        return Schedule(_rate(int(match[1]), match[2]), None, duration)
    if match := re.fullmatch(r"cron\((.*)\)", expression):
        return Schedule(None, cron.parse(match[1]), duration)
    raise BadExpression("ScheduleExpression is neither rate(N hours), rate(N days) nor cron(0 H D M W *)")


def _days_out_of_range() -> ApiError:
    return invalid_parameter("RotationRules.AutomaticallyAfterDays must be within 1-1000.")


def _rate(number: int, unit: str) -> timedelta:
    every = number * (DAY if unit.startswith("day") else HOUR)
    if not _SHORTEST <= every <= _LONGEST_DAYS * DAY:
        raise BadExpression("a rate is at least 4 hours and at most 999 days")
    return every


def _duration(text: str | None) -> timedelta | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,2})h", text)
    if match is None or not 1 <= int(match[1]) <= 24:
        raise BadExpression("Duration is a number of hours such as 3h, at most 24h")
    return int(match[1]) * HOUR


def _checked(schedule: Schedule | None) -> Schedule | None:
    if schedule is None:
        return None
    # Two windows in a row are enough to see an overlap: hours repeat daily and rates are even. Any moment does.
    first = schedule.next_window(datetime(2024, 1, 1))
    second = schedule.next_window(first.start)
    if second.start - first.start < _SHORTEST:
        raise BadExpression("a secret is rotated every four hours at most")
    if first.end > second.start:
        raise BadExpression("the window reaches into the next rotation window")
    if schedule.in_days and first.end > first.start.replace(hour=0) + DAY:
        raise BadExpression("the window reaches into the next UTC day")
    return schedule
