"""Puts this package's behaviour in the place of ministack's.

ministack looks its handlers up by name on every request, and other services call them directly, so replacing the
module's functions reaches both.
"""

import json
from typing import Any

from ministack.core.router import extract_access_key_id
from ministack.services import secretsmanager as sm

from .access import key_permission
from .actions import other_account, read_actions, rotate_actions, version_stage_action, write_actions
from .rotation.rotations import rotations
from .secrets.errors import ApiError, answered
from .services import (
    cloudformation,
    function_log,
    function_network,
    interface_endpoints,
    metric_filters,
    request_context,
    security_group_rules,
    service_delivery,
    source_function,
)

_handle_request = sm.handle_request
_reset = sm.reset

_cancel_rotate_secret = answered(rotate_actions.cancel_rotate_secret)


async def _handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
    """ministack's dispatch, plus the action that it does not know."""
    if headers.get("x-amz-target", "").endswith(".CancelRotateSecret"):
        return _cancel_rotate_secret(json.loads(body))
    access_key = extract_access_key_id(headers, query)
    action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    try:
        with key_permission.asked_by(access_key), other_account.answering(action, body, access_key):
            return await _handle_request(method, path, headers, body, query)
    except ApiError as refused:
        return refused.response()


def _publish_new_version(secret: dict[str, Any], secret_string: Any = None, secret_binary: Any = None) -> str:
    """What other services of ministack call to write a value: the same as UpdateSecret."""
    value = {"SecretString": secret_string} if secret_string is not None else {"SecretBinary": secret_binary}
    return write_actions.update_secret({"SecretId": secret["ARN"], **value})["VersionId"]


def _reset_all() -> None:
    rotations.clear()
    _reset()


def install() -> None:
    sm._create_secret = answered(write_actions.create_secret)
    sm._put_secret_value = answered(write_actions.put_secret_value)
    sm._update_secret = answered(write_actions.update_secret)
    sm._update_secret_version_stage = answered(version_stage_action.update_secret_version_stage)
    sm._get_secret_value = answered(read_actions.get_secret_value)
    sm._list_secret_version_ids = answered(read_actions.list_secret_version_ids)
    sm._describe_secret = read_actions.describe_secret
    sm._list_secrets = read_actions.list_secrets
    sm._rotate_secret = answered(rotate_actions.rotate_secret)
    sm._publish_new_version = _publish_new_version
    sm.handle_request = _handle
    sm.reset = _reset_all
    for added in (
        cloudformation,
        function_log,
        function_network,
        interface_endpoints,
        metric_filters,
        request_context,
        security_group_rules,
        service_delivery,
        source_function,
    ):
        added.install()
