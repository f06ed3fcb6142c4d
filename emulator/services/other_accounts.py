"""Alarms, rules, code and objects between two accounts. ministack keeps them within one account.

AWS: an alarm notifies a topic of its region in any account (SNS developer guide, "Allow any
CloudWatch alarm to publish to a topic in a different account"). So does a rule of EventBridge
(user guide, "Sending events to an AWS service in another account"). Lambda reads the code of a
function from a bucket of its region with the permissions of the caller. A bucket policy can name a
role of another account (S3 user guide, "Principals"): ministack compares accounts only.
"""

from ministack import app as ministack_app
from ministack.core import iam_evaluator
from ministack.core.arn import Arn
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch, eventbridge, s3

from emulator.iam import policies

_get_object_data = s3._get_object_data
_foreign_bucket_allows = s3._foreign_bucket_allows


def _is_topic_of_region(action: object) -> bool:
    target = policies.arn_in(action)
    return bool(target and target.service == "sns" and target.region == get_region())


def _is_in_reach(target: Arn) -> bool:
    is_own = target.account_id == get_account_id()
    return bool((is_own or target.service == "sns") and target.region == get_region())


def _code_of_any_account(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
    owner, caller = s3._bucket_owner_account(bucket), get_account_id()
    if owner in (None, caller):
        code: bytes | None = _get_object_data(bucket, key, version_id)
    elif ministack_app.AUTH and not s3._foreign_bucket_allows(owner, bucket, key, "GET", {}, caller):
        code = None
    else:
        with request_scope(owner, get_region()):
            code = _get_object_data(bucket, key, version_id)
    return code


def _bucket_allows(owner: str, bucket: str, key: str, method: str, *rest: object) -> bool:
    if _foreign_bucket_allows(owner, bucket, key, method, *rest):
        return True
    caller = ("AssumedRole", iam_evaluator.caller_arn(), get_account_id())
    request = policies.principal_request(*caller, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    return bool(method == "GET" and key and policies.resource_allows(policy, request))


def install() -> None:
    cloudwatch._is_sns_action_arn = _is_topic_of_region
    eventbridge._target_matches_request_scope = _is_in_reach
    s3._get_object_data = _code_of_any_account
    s3._foreign_bucket_allows = _bucket_allows
