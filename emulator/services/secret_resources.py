"""The CloudFormation resources of Secrets Manager. ministack rejects two of the types.

AWS (template reference): Ref of AWS::SecretsManager::Secret, RotationSchedule and ResourcePolicy
is the secret's ARN. A changed SecretId replaces a RotationSchedule and a ResourcePolicy. Creating
or updating a RotationSchedule calls RotateSecret, with RotateImmediatelyOnUpdate (default true) as
RotateImmediately. Deleting a RotationSchedule calls CancelRotateSecret. Therefore an update fails
during an incomplete rotation.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from ministack.core.responses import new_uuid
from ministack.services import secretsmanager as sm
from ministack.services.cloudformation import provisioners

from emulator.actions import rotate_actions
from emulator.secrets import records
from emulator.secrets.errors import ApiError
from emulator.secrets.records import Secret

Properties = dict[str, Any]
Created = tuple[str, Properties]
"""The physical id, which is the Ref, and the attributes of a resource."""
Handlers = dict[str, Callable[..., Any]]
"""ministack's functions create, update and delete of a resource type."""

_SECRET = "AWS::SecretsManager::Secret"
_SCHEDULE = "AWS::SecretsManager::RotationSchedule"
_POLICY = "AWS::SecretsManager::ResourcePolicy"

_Input = TypeVar("_Input")
_Result = TypeVar("_Result")


def install() -> None:
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_SECRET] = _secret_handlers(handlers[_SECRET])
    # An update calls `create`, which gives the same ARN.
    handlers[_SCHEDULE] = {"create": _create_schedule, "delete": _delete_schedule}
    handlers[_POLICY] = {"create": _create_policy, "delete": _delete_policy}
    for resource_type in (_SCHEDULE, _POLICY):
        provisioners._REPLACING_PROPERTIES[resource_type] = ("SecretId",)


def _name_of(arn: str) -> str:
    """The name of the secret with this ARN, because ministack's own handlers take the name."""
    secret = records.by_arn(arn)
    return secret["Name"] if secret else arn


def _secret_handlers(original: Handlers) -> Handlers:
    def create(logical_id: str, props: Properties, stack: str) -> Created:
        name = props.get("Name")
        if name in sm._secrets:
            # ministack would replace the secret, and the value of a retained secret would be lost.
            raise ValueError(f"The operation failed because the secret {name} already exists.")
        return _with_arn(original["create"](logical_id, props, stack))

    def update(arn: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None) -> Created:
        return _with_arn(original["update"](_name_of(arn), old, new, stack, logical_id))

    def delete(arn: str, props: Properties) -> None:
        original["delete"](_name_of(arn), props)

    return {**original, "create": create, "update": update, "delete": delete}


def _with_arn(created: Created) -> Created:
    name, attributes = created
    secret: Secret = sm._secrets[name]
    for version in secret["Versions"].values():
        version["CreatedDate"] = float(version["CreatedDate"])
    return secret["ARN"], attributes


def _create_schedule(logical_id: str, props: Properties, stack: str) -> Created:
    request = {
        "SecretId": props["SecretId"],
        "ClientRequestToken": new_uuid(),
        "RotateImmediately": str(props.get("RotateImmediatelyOnUpdate", True)).lower() != "false",
        "RotationLambdaARN": props.get("RotationLambdaARN"),
        "RotationRules": props.get("RotationRules"),
    }
    return _call(rotate_actions.rotate_secret, request)["ARN"], {}


def _delete_schedule(arn: str, props: Properties) -> None:
    if records.by_arn(arn) is not None:
        _call(rotate_actions.cancel_rotate_secret, {"SecretId": arn})


def _create_policy(logical_id: str, props: Properties, stack: str) -> Created:
    arn = _call(records.find_active, props["SecretId"])["ARN"]
    policy = props["ResourcePolicy"]
    text = policy if isinstance(policy, str) else json.dumps(policy)
    status, _, body = sm._put_resource_policy({"SecretId": arn, "ResourcePolicy": text})
    if status >= 400:
        raise ValueError(f"{_POLICY}: {json.loads(body).get('message')}")
    return arn, {}


def _delete_policy(arn: str, props: Properties) -> None:
    if records.by_arn(arn) is not None:
        sm._delete_resource_policy({"SecretId": arn})


def _call(action: Callable[[_Input], _Result], argument: _Input) -> _Result:
    """Turn an ApiError into the ValueError that fails a resource in ministack."""
    try:
        return action(argument)
    except ApiError as error:
        raise ValueError(f"{error.message} (Service: SecretsManager, Error Code: {error.code})") from None
