"""What policies allow besides direct requests, which ministack checks itself."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import Arn, ArnParseError, parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_region
from ministack.services import iam


def arn_in(text: object) -> Arn | None:
    """None if the text is no ARN."""
    try:
        return parse_arn(text)
    except ArnParseError:
        return None


def role_allows(role_arn: str, action: str, resource_arn: str) -> bool:
    """Whether the role's policies and permissions boundary allow the action on the resource."""
    request = role_request(role_arn, action, resource_arn)
    if request is None:
        return False
    account, name = request.principal_account, request.principal_arn.split("/")[1]
    policies = iam_evaluator._gather_role_policies(name, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    allowed: bool = iam_evaluator.evaluate(request, policies, *limits).decision == "Allow"
    return allowed


def resource_allows(policy: dict[str, Any] | str | None, request: EvalContext, service: str | None = None) -> bool:
    """Whether the policy of a resource allows the request of a principal, or of an AWS service."""
    allowed: bool = evaluate_resource_policy(policy, request, service).decision == "Allow"
    return allowed


def role_request(role_arn: str, action: str, resource_arn: str) -> EvalContext | None:
    """A request of a service that has assumed the role. None if this is no ARN."""
    role = arn_in(role_arn)
    if role is None:
        return None
    session = f"arn:aws:sts::{role.account_id}:assumed-role/{role.resource.rsplit('/', 1)[-1]}/service"
    return principal_request("AssumedRole", session, role.account_id, action, resource_arn)


def service_request(action: str, resource_arn: str, context: dict[str, str]) -> EvalContext:
    """A request of an AWS service. `context` holds lower-case keys."""
    # A service is no IAM principal, so a statement that names an account does not match.
    return principal_request("Service", "*", "", action, resource_arn, context)


def principal_request(
    kind: str, arn: str, account: str, action: str, resource_arn: str, context: dict[str, Any] | None = None
) -> EvalContext:
    """A request over TLS in the region of this request."""
    return EvalContext(
        principal_type=kind,
        principal_arn=arn,
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        source_ip="",
        secure_transport=True,
        service_context=context or {},
    )
