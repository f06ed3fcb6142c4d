"""Delivery of alarms and events. With AUTH=true, the target's policy must allow the service.

AWS (CloudWatch, EventBridge user guides): an alarm publishes as cloudwatch.amazonaws.com. A rule
publishes and invokes as events.amazonaws.com. Both send the alarm or rule as aws:SourceArn and its
account as aws:SourceAccount. A delivery that the policy does not allow is dropped without an
error. ASSUMPTION aws-topic-policy: its condition is AWS:SourceOwner, so it allows alarms
and not rules (EventBridge's guide asks for a statement).

A rule whose target names a role publishes as the role. Within an account, the policy of the role
or of the topic must allow this. A topic of another account needs both. Without a role, an event
for a topic of another account is dropped: ASSUMPTION aws-topic-policy.
"""

import logging
from typing import Any

from ministack import app as ministack_app
from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, eventbridge, lambda_svc, sns

from emulator.iam import condition_keys, policies

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
    arn, role = target.get("Arn", ""), target.get("RoleArn")
    is_topic_elsewhere = ":sns:" in arn and f":{get_account_id()}:" not in arn
    if role is not None and ":sns:" in arn:
        allowed = _role_is_allowed(role, arn, is_topic_elsewhere=is_topic_elsewhere)
    else:
        allowed = not is_topic_elsewhere and _is_allowed(arn, _RULES, rule.get("Arn", ""))
    if allowed:
        _invoke_target(target, event, rule, *rest)


def _role_is_allowed(role_arn: str, topic_arn: str, *, is_topic_elsewhere: bool) -> bool:
    if not ministack_app.AUTH:
        return True
    by_role = policies.role_allows(role_arn, "sns:Publish", topic_arn)
    request = policies.role_request(role_arn, "sns:Publish", topic_arn)
    policy_and_account = sns.topic_policy_for_arn(topic_arn)
    by_topic = policies.resource_allows(policy_and_account and policy_and_account[0], request)
    return by_role and by_topic if is_topic_elsewhere else by_role or by_topic


def _is_allowed(target_arn: str, service: str, source_arn: str) -> bool:
    """Whether the policy of a topic or function allows the service. Other targets are allowed."""
    if not ministack_app.AUTH:
        return True
    target = policies.arn_in(target_arn)
    if target is None:
        return True
    if target.service == "sns":
        action, policy_and_account = "sns:Publish", sns.topic_policy_for_arn(target_arn)
    elif target.service == "lambda":
        action, policy_and_account = "lambda:InvokeFunction", lambda_svc.function_policy_for_arn(target_arn)
    else:
        return True
    context = {"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()}
    if (organisation_id := condition_keys.organisation_id(get_account_id())) is not None:
        context["aws:sourceorgid"] = organisation_id
    if service == _ALARMS:
        context["aws:sourceowner"] = get_account_id()
    request = policies.service_request(action, target_arn, context)
    allowed = policies.resource_allows(policy_and_account and policy_and_account[0], request, service)
    if not allowed:
        _log.warning(
            "The policy of %s does not allow %s for %s. Nothing was delivered.", target_arn, service, source_arn
        )
    return allowed


def install() -> None:
    cloudwatch._dispatch_alarm_actions = _dispatch_allowed_actions
    eventbridge._invoke_target = _invoke_allowed_target
