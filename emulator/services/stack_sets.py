"""StackSets with service-managed permissions. ministack has none.

AWS (CloudFormation user guide, "Create StackSets with service-managed permissions", "Enable or
disable automatic deployments"): create-stack-instances creates a stack in each account of the
target organizational units, in each region. With automatic deployment, an account that moves into
a target unit gets the stacks too. UpdateStackSet (API reference) updates every stack with the new
template and parameters; a parameter that the request does not name gets its default. Not here:
units in units, overridden parameters, removal, failure tolerance, and the service-linked roles
that create the stacks.
"""

from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import cloudformation, organizations
from ministack.services.cloudformation import handlers
from ministack.services.cloudformation.helpers import _error, _extract_members, _extract_string_members, _p, _xml

from emulator.secrets.errors import Response

Parameters = dict[str, Any]

_move_account = organizations._move_account
_stack_sets: dict[str, "StackSet"] = {}
"""By name, because one management account suffices here."""


class StackSet:
    def __init__(self, name: str, parameters: Parameters) -> None:
        self.name = name
        self.parameters = parameters
        self.targets: set[tuple[str, str]] = set()
        """The organizational units, each with a region."""
        self.stacks: list[tuple[str, str, str]] = []
        """The account, the region and the name of each stack."""

    def deploy(self, account: str, region: str) -> None:
        name = f"StackSet-{self.name}-{new_uuid()}"
        with request_scope(account, region):
            status, _, body = handlers._create_stack({**self.parameters, "StackName": [name]})
        if status >= 400:
            raise ValueError(f"{name} in {account}: {body.decode()}")
        self.stacks.append((account, region, name))

    def update(self, request: Parameters) -> None:
        self.parameters = {**_kept(request), **_with_previous_values(request, self.parameters)}
        for account, region, name in self.stacks:
            with request_scope(account, region):
                status, _, body = handlers._update_stack({**self.parameters, "StackName": [name]})
            if status >= 400 and b"No updates are to be performed" not in body:
                raise ValueError(f"{name} in {account}: {body.decode()}")


def _kept(request: Parameters) -> Parameters:
    kept = ("TemplateBody", "Parameters.", "Capabilities.")
    return {
        key: value for key, value in request.items() if key.startswith(kept) and not key.endswith(".UsePreviousValue")
    }


def _with_previous_values(request: Parameters, previous: Parameters) -> Parameters:
    """The parameters with `UsePreviousValue`, with the value that the stack set has."""
    values = {entry["Key"]: entry["Value"] for entry in _extract_members(previous, "Parameters")}
    return {
        f"Parameters.member.{index}.ParameterValue": [values[entry["Key"]]]
        for index, entry in enumerate(_extract_members(request, "Parameters"), start=1)
        if entry["UsePreviousValue"]
    }


def _create_stack_set(request: Parameters) -> Response:
    name = _p(request, "StackSetName")
    if _p(request, "PermissionModel") != "SERVICE_MANAGED" or _p(request, "AutoDeployment.Enabled") != "true":
        return _refused("The emulator has service-managed permissions with automatic deployment only.")
    if name in _stack_sets:
        return _refused(f"StackSet {name} already exists", "NameAlreadyExistsException")
    _stack_sets[name] = StackSet(name, _kept(request))
    return _answer("CreateStackSet", f"<StackSetId>{name}:{new_uuid()}</StackSetId>")


def _update_stack_set(request: Parameters) -> Response:
    stack_set = _stack_sets.get(_p(request, "StackSetName"))
    if stack_set is None:
        return _refused("StackSet not found", "StackSetNotFoundException")
    stack_set.update(request)
    return _answer("UpdateStackSet", f"<OperationId>{new_uuid()}</OperationId>")


def _create_stack_instances(request: Parameters) -> Response:
    stack_set = _stack_sets.get(_p(request, "StackSetName"))
    if stack_set is None:
        return _refused("StackSet not found", "StackSetNotFoundException")
    units = _extract_string_members(request, "DeploymentTargets.OrganizationalUnitIds")
    for region in _extract_string_members(request, "Regions"):
        stack_set.targets.update((unit, region) for unit in units)
        for account in organizations._accounts.values():
            if account["_ParentId"] in units:
                stack_set.deploy(account["Id"], region)
    return _answer("CreateStackInstances", f"<OperationId>{new_uuid()}</OperationId>")


def _list_stack_instances(request: Parameters) -> Response:
    stack_set = _stack_sets.get(_p(request, "StackSetName"))
    if stack_set is None:
        return _refused("StackSet not found", "StackSetNotFoundException")
    members = "".join(
        f"<member><Account>{account}</Account><Region>{region}</Region><StackInstanceStatus><DetailedStatus>"
        f"{_detailed_status(account, region, name)}</DetailedStatus></StackInstanceStatus></member>"
        for account, region, name in stack_set.stacks
    )
    return _answer("ListStackInstances", f"<Summaries>{members}</Summaries>")


def _detailed_status(account: str, region: str, stack: str) -> str:
    status = cloudformation._stacks.get_scoped(account, region, stack)["StackStatus"]
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return "SUCCEEDED"
    return "RUNNING" if status.endswith("_IN_PROGRESS") else "FAILED"


def _move_and_deploy(request: Parameters) -> Response:
    answer: Response = _move_account(request)
    if answer[0] < 400:
        for stack_set in _stack_sets.values():
            for unit, region in stack_set.targets:
                if unit == request["DestinationParentId"]:
                    stack_set.deploy(request["AccountId"], region)
    return answer


def _answer(action: str, result: str) -> Response:
    answer: Response = _xml(200, f"{action}Response", f"<{action}Result>{result}</{action}Result>")
    return answer


def _refused(message: str, code: str = "ValidationError") -> Response:
    answer: Response = _error(code, message)
    return answer


def install() -> None:
    organizations._DISPATCH["MoveAccount"] = _move_and_deploy
    handlers._ACTION_HANDLERS.update(
        CreateStackSet=_create_stack_set,
        UpdateStackSet=_update_stack_set,
        CreateStackInstances=_create_stack_instances,
        ListStackInstances=_list_stack_instances,
    )
