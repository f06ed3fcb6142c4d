"""The pages of CloudTrail's event history. ministack returns only the newest 50 events.

AWS (API reference, LookupEvents): the newest first, at most 50 on a page, and NextToken if there
are more. Of the attributes, only EventName is known here.
"""

from typing import Any

from ministack.services import cloudtrail

_PAGE = 50


def _lookup_events(body: dict[str, Any]) -> object:
    names = [attribute["AttributeValue"] for attribute in body.get("LookupAttributes", [])]
    since, until = float(body.get("StartTime") or 0), float(body.get("EndTime") or "inf")
    # Without a copy, an event of another thread would end the iteration.
    events = [
        event
        for event in reversed(list(cloudtrail._get_event_queue()))
        if since <= event["EventTime"] <= until and event["EventName"] in (names or [event["EventName"]])
    ]
    start = int(body.get("NextToken") or 0)
    end = start + min(int(body.get("MaxResults") or _PAGE), _PAGE)
    return cloudtrail._ok({"Events": events[start:end]} | ({"NextToken": str(end)} if end < len(events) else {}))


def install() -> None:
    cloudtrail._DISPATCH["LookupEvents"] = _lookup_events
