"""What IAM allows the caller besides the action of the request. Only with AUTH=true."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ministack import app as ministack_app
from ministack.core.iam_evaluator import enforce
from ministack.core.responses import get_region

_caller: ContextVar[str | None] = ContextVar("caller_of_secrets_manager", default=None)


@contextmanager
def caller(access_key: str) -> Iterator[None]:
    """Set the caller of the request. Without one, as in CloudFormation, nothing is refused."""
    token = _caller.set(access_key)
    try:
        yield
    finally:
        _caller.reset(token)


def may(action: str, resource_arn: str, context: dict[str, str] | None = None) -> bool:
    """`action` is one like kms:Decrypt, of any service."""
    access_key = _caller.get()
    if access_key is None or not ministack_app.AUTH:
        return True
    return enforce(access_key, action, action.split(":")[0], get_region(), resource_arn, context) is None
