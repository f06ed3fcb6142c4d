"""An alarm watches the metric with exactly its dimensions, as in AWS. ministack ignores them."""

from types import FunctionType
from typing import Any

from ministack.services import cloudwatch

_evaluate_alarm = cloudwatch._evaluate_alarm


def _evaluate_with_dimensions(alarm: dict[str, Any]) -> None:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    metrics = {key: points for key, points in cloudwatch._metrics.items() if key[2] == dimensions}
    # The same code with its own view of the metrics. Other threads put metrics meanwhile.
    evaluate = FunctionType(_evaluate_alarm.__code__, {**vars(cloudwatch), "_metrics": metrics})
    evaluate(alarm)


def install() -> None:
    cloudwatch._evaluate_alarm = _evaluate_with_dimensions
