"""The events about a rotation that Secrets Manager sends to EventBridge through CloudTrail.

AWS (userguide, "Log AWS Secrets Manager events with AWS CloudTrail" and "Match AWS Secrets Manager
events with EventBridge"): source aws.secretsmanager, detail-type "AWS Service Event via
CloudTrail", the secret in detail.additionalEventData.SecretId. ASSUMPTION: the members of detail
that AWS's examples do not show.
"""

import json
import logging
from datetime import datetime, timezone

from ministack.core.responses import new_uuid
from ministack.services import eventbridge

from emulator.secrets import records
from emulator.secrets.records import Secret
from emulator.timing.clock import clock

_SERVICE = "secretsmanager.amazonaws.com"
_log = logging.getLogger("emulator.rotation")


def send(name: str, secret: Secret) -> None:
    """Put the event on the default bus of the secret's account. Errors of targets are logged."""
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
    entry = {
        "Source": "aws.secretsmanager",
        "DetailType": "AWS Service Event via CloudTrail",
        "Detail": json.dumps(detail),
        "Resources": [],
    }
    try:
        with records.scope(secret):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        _log.exception("The event %s of %s was not delivered.", name, secret["ARN"])
