"""Whether a resource's policy lets an AWS service act on the resource."""

from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy


def allows(
    policy: dict[str, Any] | str, service: str, action: str, resource_arn: str, region: str, context: dict[str, str]
) -> bool:
    """`service` is a principal like events.amazonaws.com, `context` holds lower-case keys."""
    request = EvalContext(
        # A service is no IAM principal, so a statement that names an account does not match.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=region,
        source_ip="",
        secure_transport=True,
        service_context=context,
    )
    allowed: bool = evaluate_resource_policy(policy, request, service).decision == "Allow"
    return allowed
