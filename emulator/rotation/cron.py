"""cron() expressions of Secrets Manager: `cron(0 hours day-of-month month day-of-week *)`, in UTC.

AWS (userguide, "Schedule expressions in Secrets Manager rotation"): six fields, minutes always 0, year always *, one of
the two day fields a ?; `, - * /` everywhere, `?` `L` `W` in day-of-month, `?` `L` `#` in day-of-week (1 or SUN to 7 or
SAT).
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_MONTHS = {name: i for i, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_DAYS = {name: i for i, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}
# 29 February comes back after eight years at the latest (1896 to 1904 was one of these gaps).
_HORIZON_DAYS = 8 * 366 + 1

DayTest = Callable[[date], bool]


class BadExpression(ValueError):
    """Not a schedule expression that Secrets Manager accepts."""


@dataclass(frozen=True)
class Cron:
    hours: tuple[int, ...]
    months: frozenset[int]
    is_day: DayTest

    @property
    def several_a_day(self) -> bool:
        """Whether the expression "represents a schedule in hours". ASSUMPTION: that is more than one hour a day."""
        return len(self.hours) > 1

    def next_after(self, moment: datetime) -> datetime:
        """The first start later than the moment."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for offset in range(_HORIZON_DAYS):
            day = midnight + timedelta(days=offset)
            if day.month in self.months and self.is_day(day.date()):
                for hour in self.hours:
                    if (start := day.replace(hour=hour)) > moment:
                        return start
        raise BadExpression("the cron expression never comes due")


def parse(fields: str) -> Cron:
    """Parse what stands between `cron(` and `)`."""
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
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part)
        if match is None:
            raise BadExpression(f"{part!r} is not understood")
        first, last, step = match.groups()
        start = low if first == "*" else _number(first, names)
        # `5/10` counts from 5 to the end, `5` is 5 alone.
        end = _number(last, names) if last else high if first == "*" or step else start
        if not low <= start <= end <= high or step == "0":
            raise BadExpression(f"{part!r} is out of range {low}-{high}")
        found.update(range(start, end + 1, int(step or 1)))
    return found


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
        wanted = int(match[1])
        if not 1 <= wanted <= 31:
            raise BadExpression(f"{field!r} is out of range 1-31")
        return lambda day: wanted <= _last_day(day) and day == _nearest_weekday(day.replace(day=wanted))
    days = _numbers(field, 1, 31)
    return lambda day: day.day in days


def _nearest_weekday(day: date) -> date:
    """Saturday becomes Friday and Sunday Monday, unless that is another month."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    moved = day + timedelta(days=shift)
    return moved if moved.month == day.month else day - timedelta(days=shift * 2)


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _day_of_week(field: str) -> DayTest:
    if match := re.fullmatch(r"(\w+)#([1-5])", field):
        wanted, nth = _number(match[1], _DAYS), int(match[2])
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == nth
    if match := re.fullmatch(r"(\w+?)L", field):
        wanted = _number(match[1], _DAYS)
        return lambda day: _weekday(day) == wanted and day.day + 7 > _last_day(day)
    if field == "L":
        return lambda day: _weekday(day) == 7
    days = _numbers(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in days
