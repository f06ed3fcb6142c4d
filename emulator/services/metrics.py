"""Alarms on the metrics of functions.

AWS (CloudWatch user guide): an alarm watches the metric with exactly its dimensions. ministack
counts the invocations and errors of a function, but evaluates an alarm only after PutMetricData,
and with the metrics of all dimensions.
"""

from types import FunctionType
from typing import Any

from ministack.services import cloudwatch, lambda_svc

_emit_lambda_metrics = lambda_svc._emit_lambda_metrics
_evaluate_alarm = cloudwatch._evaluate_alarm


def install() -> None:
    lambda_svc._emit_lambda_metrics = _emit_and_evaluate
    cloudwatch._evaluate_alarm = _evaluate_with_dimensions


def _emit_and_evaluate(*args: object, **options: object) -> None:
    _emit_lambda_metrics(*args, **options)
    cloudwatch._evaluate_all_alarms()


def _evaluate_with_dimensions(alarm: dict[str, Any]) -> None:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    metrics = {key: points for key, points in cloudwatch._metrics.items() if key[2] == dimensions}
    # The same code with its own view of the metrics. Other threads put metrics meanwhile.
    evaluate = FunctionType(_evaluate_alarm.__code__, {**vars(cloudwatch), "_metrics": metrics})
    evaluate(alarm)
