"""VpcConfig of a function, which ministack drops in CloudFormation, and what the function's role must allow for it.

AWS (Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"): the role needs six actions of
EC2; without them CreateFunction and UpdateFunctionConfiguration are refused, as seen for CreateNetworkInterface.
ASSUMPTION: the others are looked at in the same call, and ec2:CreateNetworkInterface on the interface, the subnets and the
security groups that it names. No interface is made.
"""

from typing import Any

from ministack import app as ministack_app
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from ..access import role_permission
from ..secrets.errors import ApiError, Response

Properties = dict[str, Any]

_FUNCTION = "AWS::Lambda::Function"
_ANY = ("DescribeNetworkInterfaces", "DescribeSubnets")
_ON_INTERFACE = (
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
)

_create_function = lambda_svc._create_function
_update_config = lambda_svc._update_config


def _require(role_arn: str, network: Properties | None) -> None:
    """Raise unless the role lets Lambda put a function into these subnets."""
    subnets = (network or {}).get("SubnetIds") or []
    # A role that does not exist is refused by Lambda itself.
    if not subnets or not ministack_app.AUTH or not role_permission.exists(role_arn):
        return
    ec2 = f"arn:aws:ec2:{get_region()}:{get_account_id()}"
    named = [f"{ec2}:subnet/{one}" for one in subnets]
    named += [f"{ec2}:security-group/{one}" for one in (network or {}).get("SecurityGroupIds") or []]
    needed = [(action, f"{ec2}:network-interface/*") for action in _ON_INTERFACE]
    needed += [("CreateNetworkInterface", arn) for arn in named]
    needed += [(action, "*") for action in _ANY]
    for action, resource in needed:
        # Without lambda:SourceFunctionArn: it is Lambda that asks, not the code of the function.
        if not role_permission.allows(role_arn, f"ec2:{action}", resource, get_region()):
            raise ApiError(
                "InvalidParameterValueException",
                f"The provided execution role does not have permissions to call {action} on EC2",
            )


def _create(data: Properties) -> Response:
    try:
        _require(data.get("Role", ""), data.get("VpcConfig"))
    except ApiError as refused:
        return error_response_json(refused.code, refused.message, refused.status)
    return _create_function(data)


def _update(name: str, data: Properties) -> Response:
    config = (lambda_svc._functions.get(name) or {}).get("config", {})
    if "VpcConfig" in data or "Role" in data:
        try:
            _require(data.get("Role", config.get("Role", "")), data.get("VpcConfig", config.get("VpcConfig")))
        except ApiError as refused:
            return error_response_json(refused.code, refused.message, refused.status)
    return _update_config(name, data)


def _handlers(original: dict[str, Any]) -> dict[str, Any]:
    def create(logical_id: str, props: Properties, stack: str) -> tuple[str, Properties]:
        _require_in_template(props)
        return _stored(original["create"](logical_id, props, stack), props)

    def update(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> tuple[str, Properties]:
        _require_in_template(new)
        if physical_id in lambda_svc._functions:
            _keep(physical_id, new)
        return _stored(original["update"](physical_id, old, new, stack, logical_id), new)

    return {**original, "create": create, "update": update}


def _require_in_template(props: Properties) -> None:
    try:
        _require(props.get("Role", ""), props.get("VpcConfig"))
    except ApiError as refused:
        raise ValueError(f"{refused.message} (Service: Lambda, Status Code: 400)") from None


def _stored(made: tuple[str, Properties], props: Properties) -> tuple[str, Properties]:
    _keep(made[0], props)
    return made


def _keep(name: str, props: Properties) -> None:
    lambda_svc._functions[name]["config"]["VpcConfig"] = lambda_svc._vpc_config_with_id(props.get("VpcConfig"))


def install() -> None:
    lambda_svc._create_function = _create
    lambda_svc._update_config = _update
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_FUNCTION] = _handlers(dict(handlers[_FUNCTION]))
