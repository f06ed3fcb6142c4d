"""CloudFormation: SecurityGroupIngress and SecurityGroupEgress, which ministack rejects. Each is one rule of a group.

AWS (template reference): every property but the description replaces. ASSUMPTION: the id of a rule is of no use to
anybody here, and is its own. ministack, as AWS, gives a group without egress rules one that lets everything out; CDK
writes a rule that matches nothing where it wants none.
"""

from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]

_KINDS = {
    "AWS::EC2::SecurityGroupIngress": "IpPermissions",
    "AWS::EC2::SecurityGroupEgress": "IpPermissionsEgress",
}


def install() -> None:
    for resource_type, kind in _KINDS.items():
        provisioners._RESOURCE_HANDLERS[resource_type] = _handlers(resource_type, kind)


def _handlers(resource_type: str, kind: str) -> dict[str, Any]:
    def create(logical_id: str, props: Properties, stack: str) -> tuple[str, Properties]:
        group = ec2._security_groups.get(props.get("GroupId"))
        if group is None:
            raise ValueError(f"{resource_type}: the security group '{props.get('GroupId')}' does not exist")
        group.setdefault(kind, []).extend(provisioners._ec2_sg_permissions([props]))
        rule = f"sgr-{new_uuid().replace('-', '')[:17]}"
        return rule, {"Id": rule}

    def update(rule: str, old: Properties, new: Properties, stack: str) -> tuple[str, Properties]:
        delete(rule, old)
        return create("", new, stack)

    def delete(rule: str, props: Properties) -> None:
        permissions = ec2._security_groups.get(props.get("GroupId"), {}).get(kind, [])
        for permission in provisioners._ec2_sg_permissions([props]):
            if permission in permissions:
                permissions.remove(permission)

    return {"create": create, "update": update, "delete": delete}
