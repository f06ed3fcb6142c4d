"""The events of rotations: logged, kept for the control endpoint, recorded and sent.

AWS (userguide, "Log AWS Secrets Manager events with AWS CloudTrail" and "Match AWS Secrets Manager
events with EventBridge"): source aws.secretsmanager, detail-type "AWS Service Event via
CloudTrail", the secret in detail.additionalEventData.SecretId. ASSUMPTION aws-events: the
members of detail that AWS's examples do not show.
"""

import json
import logging
import time
from collections import deque
from datetime import datetime, timezone
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudtrail, eventbridge

from emulator.clock import clock
from emulator.secrets import records
from emulator.secrets.records import Secret

from .rotation import Failure

_SERVICE = "secretsmanager.amazonaws.com"
_LIMIT = 50
_log = logging.getLogger("emulator.rotation")
_histories: dict[str, deque[dict[str, Any]]] = {}
"""By secret ARN."""


def history_of(secret_arn: str) -> list[dict[str, Any]]:
    """The last 50 events, oldest first."""
    return list(_histories.get(secret_arn, ()))


def add(event: str, secret_arn: str, token: str, attempt: int, failure: Failure | None = None) -> None:
    reason = {"reason": failure.reason} if failure else {}
    entry = {"event": event, "token": token, "attempt": attempt, "at": clock.now(), **reason}
    _histories.setdefault(secret_arn, deque(maxlen=_LIMIT)).append(entry)
    _log.info("%s %s (attempt %d) %s", event, secret_arn, attempt, reason)
    secret = records.by_arn(secret_arn)
    if secret is not None:
        _send(event, secret)


def _send(name: str, secret: Secret) -> None:
    """Record the event in CloudTrail, and send the event to the default bus of its account.

    Errors of targets are logged.
    """
    owner = records.owner(secret)
    detail = {
        "eventVersion": "1.08",
        "userIdentity": {"accountId": owner.account_id, "invokedBy": _SERVICE},
        "eventTime": datetime.fromtimestamp(int(clock.now()), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": _SERVICE,
        "eventName": name,
        "awsRegion": owner.region,
        "sourceIPAddress": _SERVICE,
        "userAgent": _SERVICE,
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"SecretId": secret["ARN"]},
        "eventID": new_uuid(),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": owner.account_id,
        "eventCategory": "Management",
    }
    recorded = {
        "EventId": detail["eventID"],
        "EventName": name,
        "EventSource": _SERVICE,
        # The real time, because `clock` may be far ahead, and readers ask for a period.
        "EventTime": time.time(),
        "Username": "",
        "Resources": [],
        "CloudTrailEvent": json.dumps(detail),
    }
    entry = {
        "Source": "aws.secretsmanager",
        "DetailType": "AWS Service Event via CloudTrail",
        "Detail": json.dumps(detail),
        "Resources": [],
    }
    try:
        with records.scope(secret):
            cloudtrail._get_event_queue().append(recorded)
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        _log.exception("The event %s of %s was not delivered.", name, secret["ARN"])
