"""RotationRules: when the rotation windows of a schedule open and close.

AWS (RotationRulesType): rate() of at least four hours and at most 999 days, AutomaticallyAfterDays
of 1 to 1000, or cron(), in UTC. "If you don't specify a Duration, for a ScheduleExpression in
hours, the window automatically closes after one hour. For a ScheduleExpression in days, the window
automatically closes at the end of the UTC day." A window "must not extend into the next rotation
window or the next UTC day". ASSUMPTION: a rate in hours counts from the full hour of the last
rotation. A rate in days counts from midnight ("the rotation window starts at midnight").
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.secrets.errors import invalid_parameter

from . import cron
from .cron import BadExpression

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
    interval: timedelta | cron.Cron
    """The interval of a rate, or a cron expression."""
    duration: timedelta | None

    @property
    def in_days(self) -> bool:
        if isinstance(self.interval, cron.Cron):
            return not self.interval.several_a_day
        return self.interval % DAY == timedelta(0)

    def next_window(self, after: datetime) -> Window:
        """The first window after a rotation, or after the start of a window, at this moment."""
        if isinstance(self.interval, cron.Cron):
            start = self.interval.next_after(after)
        else:
            full_hour = after.replace(minute=0, second=0, microsecond=0)
            start = (full_hour.replace(hour=0) if self.in_days else full_hour) + self.interval
        return Window(start, start + (self.duration or self._default_duration(start)))

    def _default_duration(self, start: datetime) -> timedelta:
        return start.replace(hour=0) + DAY - start if self.in_days else HOUR


def parse(rules: dict[str, Any]) -> Schedule | None:
    """The schedule, if any. Raise InvalidParameterException for rules that AWS refuses."""
    try:
        schedule = _parse(rules)
        if schedule is not None:
            _require_gaps(schedule)
        return schedule
    except BadExpression as error:
        raise invalid_parameter(f"RotationRules are not valid: {error}.") from None


def _parse(rules: dict[str, Any]) -> Schedule | None:
    days, expression = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    duration = _duration(rules.get("Duration"))
    if days is not None and expression is not None:
        raise BadExpression("AutomaticallyAfterDays and ScheduleExpression exclude each other")
    if days is not None:
        if not isinstance(days, int) or not 1 <= days <= 1000:
            raise invalid_parameter("RotationRules.AutomaticallyAfterDays must be within 1-1000.")
        return Schedule(days * DAY, duration)
    if expression is None:
        if duration is not None:
            raise BadExpression("Duration needs a ScheduleExpression")
        return None
    if match := re.fullmatch(r"rate\((\d+) (hours?|days?)\)", expression):
        return Schedule(_rate(int(match[1]), match[2]), duration)
    if match := re.fullmatch(r"cron\((.*)\)", expression):
        return Schedule(cron.parse(match[1]), duration)
    raise BadExpression("ScheduleExpression must be rate(N hours), rate(N days) or cron(0 H D M W *)")


def _rate(number: int, unit: str) -> timedelta:
    interval = number * (DAY if unit.startswith("day") else HOUR)
    if not _SHORTEST <= interval <= _LONGEST_DAYS * DAY:
        raise BadExpression("a rate is at least 4 hours and at most 999 days")
    return interval


def _duration(text: str | None) -> timedelta | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,2})h", text)
    if match is None or not 1 <= int(match[1]) <= 24:
        raise BadExpression("Duration must be a number of hours from 1h to 24h, such as 3h")
    return int(match[1]) * HOUR


def _require_gaps(schedule: Schedule) -> None:
    """Check two windows in a row. Two are enough: hours repeat daily, and rates are constant."""
    first = schedule.next_window(datetime(2024, 1, 1))
    second = schedule.next_window(first.start)
    if second.start - first.start < _SHORTEST:
        raise BadExpression("the time between two rotations must be at least 4 hours")
    if first.end > second.start:
        raise BadExpression("the window reaches into the next rotation window")
    if schedule.in_days and first.end > first.start.replace(hour=0) + DAY:
        raise BadExpression("the window reaches into the next UTC day")
