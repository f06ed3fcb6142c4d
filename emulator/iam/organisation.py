"""aws:PrincipalOrgID of a member account. ministack knows only the account that asks."""

from ministack.core import iam_evaluator
from ministack.services import organizations


def organisation_id(account_id: str) -> str | None:
    """The organisation whose management account created this account, or is this account."""
    for account in organizations._accounts.to_dict().values():
        if account["Id"] == account_id:
            # arn:aws:organizations::MANAGEMENT:account/ORGANISATION/ACCOUNT
            return str(account["Arn"]).split("/")[1]
    return None


def install() -> None:
    iam_evaluator._principal_org_id = organisation_id
