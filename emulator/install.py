"""Replaces functions of ministack with those of this package.

ministack looks up its handlers by name on every request, and other services call the handlers
directly. Replacing the functions of the module therefore affects both.
"""

import json
from typing import Any

from ministack.core.router import extract_access_key_id
from ministack.services import secretsmanager as sm

from . import faults
from .actions import move_label, read_actions, rotate_actions, write_actions
from .iam import caller, condition_keys
from .secrets.errors import Response, as_handler
from .services import (
    absent_resources,
    event_history,
    function_worker,
    metrics,
    other_accounts,
    secret_resources,
    service_delivery,
    stack_sets,
)

_PARTS = (
    absent_resources,
    condition_keys,
    event_history,
    function_worker,
    metrics,
    other_accounts,
    secret_resources,
    service_delivery,
    stack_sets,
)

_handle_request = sm.handle_request
_cancel_rotate_secret = as_handler(rotate_actions.cancel_rotate_secret)


async def _handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    data = json.loads(body or b"{}")

    async def call() -> Response:
        if action == "CancelRotateSecret":  # ministack does not have this action.
            return _cancel_rotate_secret(data)
        response: Response = await _handle_request(method, path, headers, body, query)
        return response

    with caller.caller(extract_access_key_id(headers, query)):
        return await faults.around(action, data, call)


def install() -> None:
    sm._create_secret = as_handler(write_actions.create_secret)
    sm._put_secret_value = as_handler(write_actions.put_secret_value)
    sm._update_secret = as_handler(write_actions.update_secret)
    sm._update_secret_version_stage = as_handler(move_label.update_secret_version_stage)
    sm._get_secret_value = as_handler(read_actions.get_secret_value)
    sm._list_secret_version_ids = as_handler(read_actions.list_secret_version_ids)
    sm._describe_secret = read_actions.describe_secret
    sm._list_secrets = read_actions.list_secrets
    sm._rotate_secret = as_handler(rotate_actions.rotate_secret)
    sm.handle_request = _handle
    for part in _PARTS:
        part.install()
