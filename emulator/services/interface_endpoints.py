"""CloudFormation: the DnsEntries of an interface endpoint, which ministack leaves empty, and which alias records point to.

AWS (template reference, VPCEndpoint return values): "the DNS entries for the endpoint. Each entry is a combination of the
hosted zone ID and the DNS name", as Z1HUB23UULQXV:vpce-01abc23456de78f9g-12abccd3.ec2.us-east-1.vpce.amazonaws.com.
Nothing answers under that name here.
"""

from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]

_ENDPOINT = "AWS::EC2::VPCEndpoint"
# That of AWS's example.
_HOSTED_ZONE = "Z1HUB23UULQXV"


def _with_names(made: tuple[str, Properties], props: Properties) -> tuple[str, Properties]:
    endpoint, attributes = made
    if props.get("VpcEndpointType") != "Interface":
        return made
    service = props.get("ServiceName", "").rsplit(".", 1)[-1]
    names = [f"{_HOSTED_ZONE}:{endpoint}-00000000.{service}.{get_region()}.vpce.amazonaws.com"]
    ec2._vpc_endpoints[endpoint]["DnsEntries"] = names
    return endpoint, {**attributes, "DnsEntries": names}


def install() -> None:
    handlers = provisioners._RESOURCE_HANDLERS
    original = handlers[_ENDPOINT]

    def create(logical_id: str, props: Properties, stack: str) -> tuple[str, Properties]:
        return _with_names(original["create"](logical_id, props, stack), props)

    handlers[_ENDPOINT] = {**original, "create": create}
