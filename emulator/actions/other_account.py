"""Calls on a secret of another account, which ministack does not find.

AWS (userguide, "Access AWS Secrets Manager secrets from a different account"): the call needs the
secret's full ARN. Both the secret's resource policy and the caller's own policies must allow the
call. ministack checks the caller's policies, and this module checks the secret's policy. Both
checks happen only with AUTH=true, like all of IAM.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ministack import app as ministack_app
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import AuthError, EvalContext, evaluate_resource_policy, resolve_principal
from ministack.core.responses import get_account_id
from ministack.services import secretsmanager as sm

from emulator.secrets import records
from emulator.secrets.errors import ApiError
from emulator.secrets.records import Secret


@contextmanager
def secret_account(action: str, body: bytes, access_key: str) -> Iterator[None]:
    """Answer in the secret's account. Raise AccessDeniedException if the secret refuses."""
    secret = _secret_of_other_account(body)
    if secret is None:
        yield
        return
    caller_account = get_account_id()
    with records.scope(secret):
        if ministack_app.AUTH:
            _require(action, secret, access_key, caller_account)
        yield


def _secret_of_other_account(body: bytes) -> Secret | None:
    try:
        secret_id = json.loads(body or b"{}").get("SecretId") or ""
        return records.by_arn(secret_id) if parse_arn(secret_id).account_id != get_account_id() else None
    except (ArnParseError, AttributeError, ValueError):
        return None


def _require(action: str, secret: Secret, access_key: str, account: str) -> None:
    principal: Any = resolve_principal(access_key, account)
    if not isinstance(principal, AuthError):
        request = EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=f"secretsmanager:{action}",
            resource_arn=secret["ARN"],
            region=records.owner(secret).region,
            principal_keys=principal.keys,
        )
        if evaluate_resource_policy(sm._resource_policies.get(secret["ARN"]), request).decision == "Allow":
            return
    raise ApiError(
        "AccessDeniedException",
        f"User is not authorized to perform: secretsmanager:{action} on resource: {secret['ARN']} "
        f"because no resource-based policy allows the secretsmanager:{action} action",
    )
