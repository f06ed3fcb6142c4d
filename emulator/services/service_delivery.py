"""Whether an alarm or a rule may reach its target: with AUTH=true the policy of the topic or function must let the service in.

AWS (CloudWatch, EventBridge user guides): an alarm publishes as cloudwatch.amazonaws.com, a rule publishes and invokes as
events.amazonaws.com, with the alarm or rule as aws:SourceArn and its account as aws:SourceAccount. What is not let in is
not delivered, and nobody is told. ASSUMPTION: the default policy of a topic, with its AWS:SourceOwner, lets in alarms and
not rules (EventBridge's guide asks for a statement).
"""

import logging
from typing import Any

from ministack import app as ministack_app
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, eventbridge, lambda_svc, sns

_log = logging.getLogger("emulator.delivery")

_ALARMS = "cloudwatch.amazonaws.com"
_RULES = "events.amazonaws.com"

_dispatch_alarm_actions = cloudwatch._dispatch_alarm_actions
_invoke_target = eventbridge._invoke_target


def _alarm_actions(alarm: dict[str, Any], *rest: Any) -> None:
    lists = ("AlarmActions", "OKActions", "InsufficientDataActions")
    allowed = {
        name: [arn for arn in alarm.get(name) or [] if _lets_in(arn, _ALARMS, alarm.get("AlarmArn", ""))]
        for name in lists
    }
    _dispatch_alarm_actions({**alarm, **allowed}, *rest)


def _rule_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
    if _lets_in(target.get("Arn", ""), _RULES, rule.get("Arn", "")):
        _invoke_target(target, event, rule, view)


def _lets_in(target_arn: str, service: str, source_arn: str) -> bool:
    """Whether the target's policy lets the service in. Targets other than topics and functions are ministack's affair."""
    if not ministack_app.AUTH:
        return True
    try:
        target = parse_arn(target_arn)
    except ArnParseError:
        return True
    if target.service == "sns":
        action, found = "sns:Publish", sns.topic_policy_for_arn(target_arn)
    elif target.service == "lambda":
        action, found = "lambda:InvokeFunction", lambda_svc.function_policy_for_arn(target_arn)
    else:
        return True
    context = {"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()}
    if service == _ALARMS:
        context["aws:sourceowner"] = get_account_id()
    request = EvalContext(
        # No IAM principal: a statement that names the account must not let a service in.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=target_arn,
        region=get_region(),
        source_ip="",
        secure_transport=True,
        service_context=context,
    )
    allowed = found is not None and evaluate_resource_policy(found[0], request, service).decision == "Allow"
    if not allowed:
        _log.warning("%s does not let %s in for %s: not delivered", target_arn, service, source_arn)
    return allowed


def install() -> None:
    cloudwatch._dispatch_alarm_actions = _alarm_actions
    eventbridge._invoke_target = _rule_target
