"""Whether a role lets a service act for it outside a request, for example write a log."""

from collections.abc import Mapping

from ministack.core import iam_evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import iam


def exists(role_arn: str) -> bool:
    account, name = _account_and_name(role_arn)
    return iam._roles.get_scoped(account, None, name) is not None


def allows(
    role_arn: str, action: str, resource_arn: str, region: str, context: Mapping[str, str] | None = None
) -> bool:
    """Whether the role's policies and permissions boundary allow the action on the resource.

    `context` holds the condition keys that the service adds, in lower case.
    """
    account, name = _account_and_name(role_arn)
    request = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=region,
        source_ip="",
        secure_transport=True,
        service_context=dict(context or {}),
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    allowed: bool = iam_evaluator.evaluate(request, policies, *limits).decision == "Allow"
    return allowed


def _account_and_name(role_arn: str) -> tuple[str, str]:
    try:
        role = parse_arn(role_arn)
    except ArnParseError:
        return "", ""
    return role.account_id, role.resource.rsplit("/", 1)[-1]
