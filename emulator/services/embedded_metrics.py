"""Metric filters, which put a metric for matching log lines. ministack does not apply filters.

AWS (CloudWatch Logs user guide, "Filter pattern syntax"): a JSON pattern matches log events that
are JSON. Only patterns like { $.key = "value" } and metric values that are numbers are emulated.
Other filters put no metric.
"""

import json
import re
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

_PATTERN = re.compile(r'\{\s*\$\.(?P<key>\w+)\s*=\s*"(?P<value>[^"*%]*)"\s*\}')

_fanout = cloudwatch_logs._fanout_to_subscription_filters


def _fanout_and_apply(group: str, stream: str, events: list[dict[str, Any]]) -> None:
    _fanout(group, stream, events)
    for metric_filter in list(cloudwatch_logs._metric_filters.values()):
        if metric_filter["logGroupName"] == group:
            lines = sum(_matches(metric_filter["filterPattern"], event.get("message", "")) for event in events)
            if lines > 0:
                _put(metric_filter["metricTransformations"], lines)


def _matches(pattern: str, message: str) -> bool:
    condition = _PATTERN.fullmatch(pattern.strip())
    if condition is None:
        return False
    try:
        line = json.loads(message)
    except ValueError:
        return False
    return isinstance(line, dict) and line.get(condition["key"]) == condition["value"]


def _put(transformations: list[dict[str, Any]], lines: int) -> None:
    """Put the metrics through PutMetricData, which also evaluates the alarms."""
    for metric in transformations:
        if re.fullmatch(r"\d+(\.\d+)?", metric.get("metricValue", "")) and not metric.get("dimensions"):
            datum = {"MetricName": metric["metricName"], "Values": [float(metric["metricValue"])], "Counts": [lines]}
            request = {"Namespace": metric["metricNamespace"], "MetricData": [datum]}
            cloudwatch._put_metric_data({}, request, is_cbor=False, is_json=True)


def install() -> None:
    cloudwatch_logs._fanout_to_subscription_filters = _fanout_and_apply
