"""cron() expressions of Secrets Manager: `cron(0 hours day-of-month month day-of-week *)`, in UTC.

AWS (userguide, "Schedule expressions in Secrets Manager rotation"): six fields. The minutes are 0,
the year is *, and one of the two day fields is ?. `, - * /` are allowed in every field, `? L W` in
day-of-month, and `? L #` in day-of-week (1 or SUN to 7 or SAT). EventBridge has the same fields,
so ministack's code for EventBridge parses them. It accepts more than Secrets Manager does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ministack.services import eventbridge


class BadExpression(ValueError):
    """A schedule expression that Secrets Manager refuses."""


@dataclass(frozen=True)
class Cron:
    hours: frozenset[int]
    fields: tuple[Any, ...]
    """The fields as ministack parses them."""

    @property
    def several_a_day(self) -> bool:
        """Whether it has several hours, which AWS calls "a schedule in hours" (ASSUMPTION)."""
        return len(self.hours) > 1

    def next_after(self, moment: datetime) -> datetime:
        """The first start after the moment."""
        start: datetime | None = eventbridge._cron_next_fire(self.fields, moment)
        if start is None:
            raise BadExpression("the cron expression never starts a rotation")
        return start


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
    # AWS: L alone is "the last day of the week". For ministack, it is the last one of the month.
    weekday = "SAT" if day_of_week == "L" else day_of_week
    parsed = eventbridge._parse_cron_fields(f"cron(0 {hours} {day_of_month} {month} {weekday} *)")
    if parsed is None or "?" in hours + month:
        raise BadExpression("a field of the cron expression is not valid")
    _, hour_numbers, days, months, weekdays, *_ = parsed
    for numbers, low, high in (
        (hour_numbers, 0, 23),
        (days["days"], 1, 31),
        (months, 1, 12),
        (weekdays["days"], 1, 7),
    ):
        if not numbers <= frozenset(range(low, high + 1)):
            raise BadExpression(f"a number of the cron expression is out of range {low}-{high}")
    if not hour_numbers or not months:
        raise BadExpression("a range of the cron expression is empty")
    return Cron(hour_numbers, parsed)
