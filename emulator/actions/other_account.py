"""Calls on a secret of another account, which ministack does not find.

AWS (userguide, "Access AWS Secrets Manager secrets from a different account"): the call needs the
secret's full ARN. Both the secret's resource policy and the caller's own policies must allow the
call. ministack compares both, with AUTH=true, once it finds the policy.
"""

from contextlib import AbstractContextManager, nullcontext

from ministack.core.responses import get_account_id
from ministack.services import secretsmanager as sm

from emulator.iam import policies
from emulator.secrets import records

_secret_policy_for_arn = sm.secret_policy_for_arn


def account_of_secret(secret_id: str | None) -> AbstractContextManager[None]:
    """Let ministack answer in the account of the secret that the request names."""
    arn = policies.arn_in(secret_id)
    is_elsewhere = arn is not None and arn.account_id != get_account_id()
    secret = records.by_arn(str(arn)) if is_elsewhere else None
    return nullcontext() if secret is None else records.scope(secret)


def policy_and_account(arn: str) -> tuple[str, str] | None:
    """The resource policy and the account of the secret, in any account."""
    secret = records.by_arn(arn)
    if secret is None:
        return None
    with records.scope(secret):
        found: tuple[str, str] | None = _secret_policy_for_arn(arn)
    return found
