"""What the policies of a role allow. ministack checks direct requests only."""

from ministack.core import iam_evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import iam


def role_allows(role_arn: str, action: str, resource_arn: str, region: str) -> bool:
    """Whether the role's policies and permissions boundary allow the action on the resource."""
    request = role_request(role_arn, action, resource_arn, region)
    if request is None:
        return False
    account, name = request.principal_account, request.principal_arn.split("/")[1]
    policies = iam_evaluator._gather_role_policies(name, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    allowed: bool = iam_evaluator.evaluate(request, policies, *limits).decision == "Allow"
    return allowed


def role_request(role_arn: str, action: str, resource_arn: str, region: str) -> iam_evaluator.EvalContext | None:
    """A request of a service that has assumed the role. None if this is no ARN."""
    try:
        role = parse_arn(role_arn)
    except ArnParseError:
        return None
    name = role.resource.rsplit("/", 1)[-1]
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{role.account_id}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=role.account_id,
        action=action,
        resource_arn=resource_arn,
        region=region,
        source_ip="",
        secure_transport=True,
    )
