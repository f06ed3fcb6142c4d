"""cron() expressions of Secrets Manager: `cron(0 hours day-of-month month day-of-week *)`, in UTC.

AWS (userguide, "Schedule expressions in Secrets Manager rotation"): six fields. The minutes are 0,
the year is *, and one of the two day fields is ?. `, - * /` are allowed in every field, `? L W` in
day-of-month, and `? L #` in day-of-week (1 or SUN to 7 or SAT).
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
# 29 February recurs within eight years. The longest gaps are like that from 1896 to 1904.
_HORIZON_DAYS = 8 * 366 + 1

DayTest = Callable[[date], bool]


class BadExpression(ValueError):
    """A schedule expression that Secrets Manager refuses."""


@dataclass(frozen=True)
class Cron:
    hours: tuple[int, ...]
    months: frozenset[int]
    is_day: DayTest

    @property
    def several_a_day(self) -> bool:
        """Whether it has several hours, which AWS calls "a schedule in hours" (ASSUMPTION)."""
        return len(self.hours) > 1

    def next_after(self, moment: datetime) -> datetime:
        """The first start after the moment."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for offset in range(_HORIZON_DAYS):
            day = midnight + timedelta(days=offset)
            if day.month in self.months and self.is_day(day.date()):
                for hour in self.hours:
                    if (start := day.replace(hour=hour)) > moment:
                        return start
        raise BadExpression("the cron expression never starts a rotation")


def parse(fields: str) -> Cron:
    """Parse the text between `cron(` and `)`."""
    parts = fields.split()
    if len(parts) != 6:
        raise BadExpression("a cron expression has six fields")
    minutes, hours, day_of_month, month, day_of_week, year = (part.upper() for part in parts)
    if minutes != "0":
        raise BadExpression("the minutes of a cron expression must be 0")
    if year != "*":
        raise BadExpression("the year of a cron expression must be *")
    if (day_of_month == "?") == (day_of_week == "?"):
        raise BadExpression("exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        hours=tuple(sorted(_numbers(hours, 0, 23))),
        months=frozenset(_numbers(month, 1, 12, _MONTHS)),
        is_day=_day_of_month(day_of_month) if day_of_week == "?" else _day_of_week(day_of_week),
    )


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    numbers: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part)
        if match is None:
            raise BadExpression(f"{part!r} is not a number, a range or a step")
        first, last, step = match.groups()
        start = low if first == "*" else _number(first, names)
        # `5/10` counts from 5 to the end of the range, and `5` is only 5.
        end = _number(last, names) if last else high if first == "*" or step else start
        if not low <= start <= end <= high or step == "0":
            raise BadExpression(f"{part!r} is out of range {low}-{high}")
        numbers.update(range(start, end + 1, int(step or 1)))
    return numbers


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdigit():
        raise BadExpression(f"{text!r} is not a number")
    return int(text)


def _last_day(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _day_of_month(field: str) -> DayTest:
    if field == "L":
        return lambda day: day.day == _last_day(day)
    if match := re.fullmatch(r"(\d+)W", field):
        target = int(match[1])
        if not 1 <= target <= 31:
            raise BadExpression(f"{field!r} is out of range 1-31")
        return lambda day: target <= _last_day(day) and day == _nearest_weekday(day.replace(day=target))
    days = _numbers(field, 1, 31)
    return lambda day: day.day in days


def _nearest_weekday(day: date) -> date:
    """Friday for a Saturday and Monday for a Sunday, unless that day is in another month."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    moved = day + timedelta(days=shift)
    return moved if moved.month == day.month else day - timedelta(days=shift * 2)


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _day_of_week(field: str) -> DayTest:
    if match := re.fullmatch(r"(\w+)#([1-5])", field):
        weekday, nth = _number(match[1], _DAYS), int(match[2])
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == nth
    if match := re.fullmatch(r"(\w+?)L", field):
        weekday = _number(match[1], _DAYS)
        return lambda day: _weekday(day) == weekday and day.day + 7 > _last_day(day)
    if field == "L":
        return lambda day: _weekday(day) == 7
    days = _numbers(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in days
