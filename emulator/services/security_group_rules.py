"""The CloudFormation resources SecurityGroupIngress and SecurityGroupEgress: rules of a group.

AWS (template reference): a change of any property except the description replaces the rule.
ASSUMPTION: the emulator invents the id of a rule, because nothing here uses the id. Like AWS,
ministack gives a group without egress rules a rule that allows all traffic out. For a group
without traffic out, CDK adds a rule that matches nothing.
"""

from ministack.core.responses import new_uuid
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from .resources import Created, Handlers, Properties

_PERMISSIONS = {
    "AWS::EC2::SecurityGroupIngress": "IpPermissions",
    "AWS::EC2::SecurityGroupEgress": "IpPermissionsEgress",
}


def install() -> None:
    for resource_type, permissions in _PERMISSIONS.items():
        provisioners._RESOURCE_HANDLERS[resource_type] = _handlers(resource_type, permissions)


def _handlers(resource_type: str, permissions: str) -> Handlers:
    def create(logical_id: str, props: Properties, stack: str) -> Created:
        group = ec2._security_groups.get(props.get("GroupId"))
        if group is None:
            raise ValueError(f"{resource_type}: the security group '{props.get('GroupId')}' does not exist")
        group.setdefault(permissions, []).extend(provisioners._ec2_sg_permissions([props]))
        rule = f"sgr-{new_uuid().replace('-', '')[:17]}"
        return rule, {"Id": rule}

    def update(rule: str, old: Properties, new: Properties, stack: str) -> Created:
        delete(rule, old)
        return create("", new, stack)

    def delete(rule: str, props: Properties) -> None:
        present = ec2._security_groups.get(props.get("GroupId"), {}).get(permissions, [])
        for permission in provisioners._ec2_sg_permissions([props]):
            if permission in present:
                present.remove(permission)

    return {"create": create, "update": update, "delete": delete}
