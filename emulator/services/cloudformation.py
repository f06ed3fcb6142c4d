"""CloudFormation: RotationSchedule and ResourcePolicy, which ministack rejects, and a Secret whose Ref is its ARN.

AWS (template reference): Ref of AWS::SecretsManager::Secret, RotationSchedule and ResourcePolicy is the secret's ARN; a
changed SecretId replaces the latter two. A RotationSchedule is RotateSecret on create and update, with
RotateImmediatelyOnUpdate (default true) as RotateImmediately, and CancelRotateSecret on delete. So an incomplete
rotation makes its update fail.
"""

import json
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import secretsmanager as sm
from ministack.services.cloudformation import drift, provisioners

from ..actions import rotate_actions
from ..secrets import records
from ..secrets.errors import ApiError

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]

_SECRET = "AWS::SecretsManager::Secret"
_SCHEDULE = "AWS::SecretsManager::RotationSchedule"
_POLICY = "AWS::SecretsManager::ResourcePolicy"


def install() -> None:
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_SECRET] = _secret_handlers(dict(handlers[_SECRET]))
    handlers[_SCHEDULE] = {"create": _create_schedule, "update": _update_schedule, "delete": _delete_schedule}
    handlers[_POLICY] = {"create": _create_policy, "update": _update_policy, "delete": _delete_policy}
    for resource_type in (_SCHEDULE, _POLICY):
        provisioners._REPLACING_PROPERTIES[resource_type] = ("SecretId",)
    read, compared = drift._DRIFT_READERS[_SECRET]
    drift._DRIFT_READERS[_SECRET] = (lambda physical_id, props: read(_name_of(physical_id), props), compared)


def _name_of(arn: str) -> str:
    """The name by which ministack's own handlers know the secret with this ARN."""
    secret = records.by_arn(arn)
    return secret["Name"] if secret else arn


def _secret_handlers(original: dict[str, Any]) -> dict[str, Any]:
    def create(logical_id: str, props: Properties, stack: str) -> Created:
        return _with_arn(original["create"](logical_id, props, stack))

    def update(arn: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None) -> Created:
        return _with_arn(original["update"](_name_of(arn), old, new, stack, logical_id))

    def delete(arn: str, props: Properties) -> None:
        original["delete"](_name_of(arn), props)

    return {**original, "create": create, "update": update, "delete": delete}


def _with_arn(made: Created) -> Created:
    name, attributes = made
    secret = sm._secrets[name]
    for version in secret["Versions"].values():
        version["CreatedDate"] = float(version["CreatedDate"])
    return secret["ARN"], attributes


def _create_schedule(logical_id: str, props: Properties, stack: str) -> Created:
    if "HostedRotationLambda" in props:
        raise ValueError(f"{_SCHEDULE}: HostedRotationLambda needs a transform that is not emulated")
    immediately = str(props.get("RotateImmediatelyOnUpdate", True)).lower() != "false"
    request = {
        "SecretId": props["SecretId"],
        "ClientRequestToken": new_uuid(),
        "RotateImmediately": immediately,
        **{key: props[key] for key in ("RotationLambdaARN",) if key in props},
    }
    if "RotationRules" in props:
        request["RotationRules"] = _typed_rules(props["RotationRules"])
    return _done(rotate_actions.rotate_secret, request)["ARN"], {}


def _update_schedule(arn: str, old: Properties, new: Properties, stack: str) -> Created:
    return _create_schedule("", new, stack)


def _delete_schedule(arn: str, props: Properties) -> None:
    if records.by_arn(arn) is not None:
        _done(rotate_actions.cancel_rotate_secret, {"SecretId": arn})


def _typed_rules(rules: Properties) -> Properties:
    """Numbers of a template may come as strings."""
    days = rules.get("AutomaticallyAfterDays")
    return rules if days is None else {**rules, "AutomaticallyAfterDays": int(days)}


def _create_policy(logical_id: str, props: Properties, stack: str) -> Created:
    secret = _done(lambda data: records.writable(data["SecretId"]), {"SecretId": props["SecretId"]})
    policy = props["ResourcePolicy"]
    text = policy if isinstance(policy, str) else json.dumps(policy)
    status, _, body = sm._put_resource_policy({"SecretId": secret["ARN"], "ResourcePolicy": text})
    if status >= 400:
        raise ValueError(f"{_POLICY}: {json.loads(body).get('message')}")
    return secret["ARN"], {}


def _update_policy(arn: str, old: Properties, new: Properties, stack: str) -> Created:
    return _create_policy("", new, stack)


def _delete_policy(arn: str, props: Properties) -> None:
    if records.by_arn(arn) is not None:
        sm._delete_resource_policy({"SecretId": arn})


def _done(action: Any, request: Properties) -> Any:
    try:
        return action(request)
    except ApiError as refused:
        raise ValueError(f"{refused.message} (Service: SecretsManager, Error Code: {refused.code})") from None
