"""VpcConfig of a function, which the role must allow. ministack drops VpcConfig in CloudFormation.

AWS (Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"): the
role needs six actions of EC2. Without them, CreateFunction and UpdateFunctionConfiguration are
refused; the message was seen for CreateNetworkInterface. ASSUMPTION: the same calls check the
other actions. ASSUMPTION: ec2:CreateNetworkInterface is checked on the interface, the subnets and
the security groups. The emulator creates no interface.
"""

from ministack import app as ministack_app
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from emulator.access import role_permission
from emulator.secrets.errors import ApiError, Response, answering

from .resources import Created, Handlers, Properties

_FUNCTION = "AWS::Lambda::Function"
_ON_EVERYTHING = ("DescribeNetworkInterfaces", "DescribeSubnets")
_ON_INTERFACES = (
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
)

_create_function = lambda_svc._create_function
_update_config = lambda_svc._update_config


def _require(role_arn: str, network: Properties | None) -> None:
    """Raise InvalidParameterValueException if the role does not allow the subnets."""
    network = network or {}
    # Lambda itself refuses a role that does not exist.
    if not network.get("SubnetIds") or not ministack_app.AUTH or not role_permission.exists(role_arn):
        return
    ec2 = f"arn:aws:ec2:{get_region()}:{get_account_id()}"
    subnets = [f"{ec2}:subnet/{subnet}" for subnet in network["SubnetIds"]]
    groups = [f"{ec2}:security-group/{group}" for group in network.get("SecurityGroupIds") or []]
    needed = [(action, f"{ec2}:network-interface/*") for action in _ON_INTERFACES]
    needed += [("CreateNetworkInterface", arn) for arn in subnets + groups]
    needed += [(action, "*") for action in _ON_EVERYTHING]
    for action, resource in needed:
        # The request has no lambda:SourceFunctionArn, because Lambda makes it, not the code.
        if not role_permission.allows(role_arn, f"ec2:{action}", resource, get_region()):
            raise ApiError(
                "InvalidParameterValueException",
                f"The provided execution role does not have permissions to call {action} on EC2",
            )


def _create(data: Properties) -> Response:
    _require(data.get("Role", ""), data.get("VpcConfig"))
    response: Response = _create_function(data)
    return response


def _update(name: str, data: Properties) -> Response:
    config = (lambda_svc._functions.get(name) or {}).get("config", {})
    if "VpcConfig" in data or "Role" in data:
        _require(data.get("Role", config.get("Role", "")), data.get("VpcConfig", config.get("VpcConfig")))
    response: Response = _update_config(name, data)
    return response


def _handlers(original: Handlers) -> Handlers:
    def create(logical_id: str, props: Properties, stack: str) -> Created:
        _require_in_template(props)
        created: Created = original["create"](logical_id, props, stack)
        _keep(created[0], props)
        return created

    def update(name: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None) -> Created:
        _require_in_template(new)
        if name in lambda_svc._functions:
            _keep(name, new)
        updated: Created = original["update"](name, old, new, stack, logical_id)
        _keep(updated[0], new)
        return updated

    return {**original, "create": create, "update": update}


def _require_in_template(props: Properties) -> None:
    try:
        _require(props.get("Role", ""), props.get("VpcConfig"))
    except ApiError as error:
        raise ValueError(f"{error.message} (Service: Lambda, Status Code: 400)") from None


def _keep(name: str, props: Properties) -> None:
    lambda_svc._functions[name]["config"]["VpcConfig"] = lambda_svc._vpc_config_with_id(props.get("VpcConfig"))


def install() -> None:
    lambda_svc._create_function = answering(_create)
    lambda_svc._update_config = answering(_update)
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_FUNCTION] = _handlers(handlers[_FUNCTION])
