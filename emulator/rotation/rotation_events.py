"""The events that Secrets Manager sends about a rotation, through CloudTrail, to EventBridge.

AWS (userguide, "Log AWS Secrets Manager events with AWS CloudTrail" and "Match AWS Secrets Manager events with
EventBridge"): source aws.secretsmanager, detail-type "AWS Service Event via CloudTrail", the secret in
detail.additionalEventData.SecretId. ASSUMPTION: the members of detail that AWS's examples do not show.
"""

import json
import logging
from datetime import datetime, timezone
from typing import Literal

from ministack.core.responses import new_uuid, request_scope
from ministack.services import eventbridge

from ..secrets.clock import clock

EventName = Literal[
    "RotationStarted",
    "RotationSucceeded",
    "RotationFailed",
    "RotationAbandoned",
    "TestRotationStarted",
    "TestRotationSucceeded",
    "TestRotationFailed",
]
_SERVICE = "secretsmanager.amazonaws.com"
_log = logging.getLogger("emulator.rotation")


def send(name: EventName, secret_arn: str, account: str, region: str) -> None:
    """Put the event on the account's default bus. A rule with a broken target must not break the rotation."""
    detail = {
        "eventVersion": "1.08",
        "userIdentity": {"accountId": account, "invokedBy": _SERVICE},
        "eventTime": datetime.fromtimestamp(int(clock.now()), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": _SERVICE,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": _SERVICE,
        "userAgent": _SERVICE,
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"SecretId": secret_arn},
        "eventID": new_uuid(),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    entry = {
        "Source": "aws.secretsmanager",
        "DetailType": "AWS Service Event via CloudTrail",
        "Detail": json.dumps(detail),
        "Resources": [],
    }
    try:
        with request_scope(account, region):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        _log.exception("the event %s of %s was not delivered", name, secret_arn)
