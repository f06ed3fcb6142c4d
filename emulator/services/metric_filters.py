"""Metric filters of the form { $.key = "value" }, with a number as their value: each matching line puts its metric.

ministack stores metric filters and does nothing with them. AWS (CloudWatch Logs user guide, "Filter pattern syntax"): a
JSON pattern matches log events that are JSON. Other patterns, dimensions and units are not emulated: they put nothing.
"""

import json
import re
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

_PATTERN = re.compile(r'\{\s*\$\.(?P<key>\w+)\s*=\s*"(?P<value>[^"*%]*)"\s*\}')

_fanout = cloudwatch_logs._fanout_to_subscription_filters


def _arrived(group: str, stream: str, events: list[dict[str, Any]]) -> None:
    _fanout(group, stream, events)
    for one in list(cloudwatch_logs._metric_filters.values()):
        if one["logGroupName"] != group:
            continue
        lines = sum(_matches(one["filterPattern"], event.get("message", "")) for event in events)
        if lines > 0:
            _put(one["metricTransformations"], lines)


def _matches(pattern: str, message: str) -> bool:
    asked = _PATTERN.fullmatch(pattern.strip())
    if asked is None:
        return False
    try:
        line = json.loads(message)
    except ValueError:
        return False
    return isinstance(line, dict) and line.get(asked["key"]) == asked["value"]


def _put(transformations: list[dict[str, Any]], lines: int) -> None:
    """As PutMetricData does, which also looks at the alarms."""
    for metric in transformations:
        if re.fullmatch(r"\d+(\.\d+)?", metric.get("metricValue", "")) and not metric.get("dimensions"):
            datum = {"MetricName": metric["metricName"], "Values": [float(metric["metricValue"])], "Counts": [lines]}
            request = {"Namespace": metric["metricNamespace"], "MetricData": [datum]}
            cloudwatch._put_metric_data({}, request, is_cbor=False, is_json=True)


def install() -> None:
    cloudwatch_logs._fanout_to_subscription_filters = _arrived
