"""Condition keys about the principal and the resource that ministack does not know as AWS does.

aws:PrincipalOrgID of a member account: ministack knows only the account that asks.
aws:PrincipalArn of a role's session: AWS compares the ARN of the role with its path, and ministack
the ARN of the session.
s3:ResourceAccount of a bucket: ministack knows only the account that asks.
"""

from ministack.core import iam_evaluator
from ministack.services import iam, organizations, s3

_resolve_condition_key = iam_evaluator._resolve_condition_key


def organisation_id(account_id: str) -> str | None:
    """The organisation whose management account created this account, or is this account."""
    for account in organizations._accounts.to_dict().values():
        if account["Id"] == account_id:
            # arn:aws:organizations::MANAGEMENT:account/ORGANISATION/ACCOUNT
            return str(account["Arn"]).split("/")[1]
    return None


def _resolve(key: str, request: iam_evaluator.EvalContext) -> object:
    if key.lower() == "aws:principalarn" and ":assumed-role/" in request.principal_arn:
        name = request.principal_arn.split("/")[1]
        role = iam._roles.get_scoped(request.principal_account, None, name)
        return role["Arn"] if role else f"arn:aws:iam::{request.principal_account}:role/{name}"
    if key.lower() == "s3:resourceaccount":
        bucket = request.resource_arn.removeprefix("arn:aws:s3:::").split("/")[0]
        return s3._bucket_owner_account(bucket)
    return _resolve_condition_key(key, request)


def install() -> None:
    iam_evaluator._principal_org_id = organisation_id
    iam_evaluator._resolve_condition_key = _resolve
