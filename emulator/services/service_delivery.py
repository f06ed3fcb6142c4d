"""Delivery of alarms and events. With AUTH=true, the target's policy must allow the service.

AWS (CloudWatch, EventBridge user guides): an alarm publishes as cloudwatch.amazonaws.com. A rule
publishes and invokes as events.amazonaws.com. Both send the alarm or rule as aws:SourceArn and its
account as aws:SourceAccount. A delivery that the policy does not allow is dropped without an
error. ASSUMPTION: the default policy of a topic, whose condition is AWS:SourceOwner, allows alarms
and not rules (EventBridge's guide asks for a statement).
"""

import logging
from typing import Any

from ministack import app as ministack_app
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, eventbridge, lambda_svc, sns

from emulator.iam import service_permission

_log = logging.getLogger("emulator.delivery")

_ALARMS = "cloudwatch.amazonaws.com"
_RULES = "events.amazonaws.com"

_dispatch_alarm_actions = cloudwatch._dispatch_alarm_actions
_invoke_target = eventbridge._invoke_target


def _dispatch_allowed_actions(alarm: dict[str, Any], *rest: object) -> None:
    allowed = {
        name: [target for target in alarm.get(name) or [] if _is_allowed(target, _ALARMS, alarm.get("AlarmArn", ""))]
        for name in ("AlarmActions", "OKActions", "InsufficientDataActions")
    }
    _dispatch_alarm_actions({**alarm, **allowed}, *rest)


def _invoke_allowed_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], *rest: object) -> None:
    if _is_allowed(target.get("Arn", ""), _RULES, rule.get("Arn", "")):
        _invoke_target(target, event, rule, *rest)


def _is_allowed(target_arn: str, service: str, source_arn: str) -> bool:
    """Whether the policy of a topic or function allows the service. Other targets are allowed."""
    if not ministack_app.AUTH:
        return True
    try:
        target = parse_arn(target_arn)
    except ArnParseError:
        return True
    if target.service == "sns":
        action, policy_and_account = "sns:Publish", sns.topic_policy_for_arn(target_arn)
    elif target.service == "lambda":
        action, policy_and_account = "lambda:InvokeFunction", lambda_svc.function_policy_for_arn(target_arn)
    else:
        return True
    context = {"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()}
    if service == _ALARMS:
        context["aws:sourceowner"] = get_account_id()
    allowed = policy_and_account is not None and service_permission.allows_service(
        policy_and_account[0], service, action, target_arn, get_region(), context
    )
    if not allowed:
        _log.warning(
            "The policy of %s does not allow %s for %s. Nothing was delivered.", target_arn, service, source_arn
        )
    return allowed


def install() -> None:
    cloudwatch._dispatch_alarm_actions = _dispatch_allowed_actions
    eventbridge._invoke_target = _invoke_allowed_target
