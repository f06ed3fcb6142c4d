"""A call on a secret of another account, which ministack does not find: answered in the account of the secret.

AWS (userguide, "Access AWS Secrets Manager secrets from a different account"): by its full ARN, and only if the secret's
resource policy and the caller's own policies both allow it. The latter are ministack's affair, the former is asked here.
Enforced with AUTH=true only, as all of IAM.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ministack import app as ministack_app
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import AuthError, EvalContext, evaluate_resource_policy, resolve_principal
from ministack.core.responses import get_account_id, request_scope
from ministack.services import secretsmanager as sm

from ..secrets import records
from ..secrets.errors import ApiError


@contextmanager
def answering(action: str, body: bytes, access_key: str) -> Iterator[None]:
    """Stand in the account that the request's SecretId names. Raise if that account does not let the caller in."""
    secret = _elsewhere(body)
    if secret is None:
        yield
        return
    caller = get_account_id()
    owner = records.scope(secret)
    with request_scope(owner.account_id, owner.region):
        if ministack_app.AUTH:
            _require(action, secret, access_key, caller)
        yield


def _elsewhere(body: bytes) -> records.Secret | None:
    """The secret, if it is one of another account. One that does not exist is not found, wherever it is looked for."""
    try:
        secret_id = json.loads(body or b"{}").get("SecretId") or ""
        return records.by_arn(secret_id) if parse_arn(secret_id).account_id != get_account_id() else None
    except (ArnParseError, AttributeError, ValueError):
        return None


def _require(action: str, secret: records.Secret, access_key: str, account: str) -> None:
    principal: Any = resolve_principal(access_key, account)
    if not isinstance(principal, AuthError):
        request = EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=f"secretsmanager:{action}",
            resource_arn=secret["ARN"],
            region=records.scope(secret).region,
            principal_keys=principal.keys,
        )
        if evaluate_resource_policy(sm._resource_policies.get(secret["ARN"]), request).decision == "Allow":
            return
    raise ApiError(
        "AccessDeniedException",
        f"User is not authorized to perform: secretsmanager:{action} on resource: {secret['ARN']} "
        f"because no resource-based policy allows the secretsmanager:{action} action",
    )
