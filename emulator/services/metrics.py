"""Metrics that functions log, and the alarms that watch them.

AWS (CloudWatch user guide, "Specification: Embedded metric format"): a log event that is a JSON
object with `_aws.CloudWatchMetrics` puts each metric once for each set of dimensions. A set
without a value for one of its dimensions, and a metric whose value is not a number, are skipped.
An alarm watches the metric with exactly its dimensions. ministack does neither.
"""

import json
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

_fanout = cloudwatch_logs._fanout_to_subscription_filters
_evaluate_alarm = cloudwatch._evaluate_alarm


def install() -> None:
    cloudwatch_logs._fanout_to_subscription_filters = _fanout_and_extract
    cloudwatch._evaluate_alarm = _evaluate_with_dimensions


def _fanout_and_extract(group: str, stream: str, events: list[dict[str, Any]]) -> None:
    _fanout(group, stream, events)
    for event in events:
        for directive, line in _directives(event.get("message", "")):
            # PutMetricData also evaluates the alarms.
            request = {"Namespace": directive["Namespace"], "MetricData": list(_data(directive, line))}
            cloudwatch._put_metric_data({}, request, is_cbor=False, is_json=True)


def _directives(message: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each metric directive of the line, with the line."""
    try:
        line = json.loads(message)
    except ValueError:
        return
    if isinstance(line, dict) and isinstance(line.get("_aws"), dict):
        for directive in line["_aws"].get("CloudWatchMetrics", []):
            yield directive, line


def _data(directive: dict[str, Any], line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for metric in directive["Metrics"]:
        value = line.get(metric["Name"])
        for names in directive["Dimensions"]:
            if isinstance(value, int | float) and all(isinstance(line.get(name), str) for name in names):
                dimensions = [{"Name": name, "Value": line[name]} for name in names]
                unit = metric.get("Unit", "None")
                yield {"MetricName": metric["Name"], "Dimensions": dimensions, "Unit": unit, "Value": float(value)}


def _evaluate_with_dimensions(alarm: dict[str, Any]) -> None:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    metrics = {key: points for key, points in cloudwatch._metrics.items() if key[2] == dimensions}
    # The same code with its own view of the metrics. Other threads put metrics meanwhile.
    evaluate = FunctionType(_evaluate_alarm.__code__, {**vars(cloudwatch), "_metrics": metrics})
    evaluate(alarm)
