"""The DnsEntries of an interface endpoint in CloudFormation. ministack leaves DnsEntries empty.

AWS (template reference, VPCEndpoint return values): "the DNS entries for the endpoint. Each entry
is a combination of the hosted zone ID and the DNS name", such as
Z1HUB23UULQXV:vpce-01abc23456de78f9g-12abccd3.ec2.us-east-1.vpce.amazonaws.com. The name does not
resolve to a server.
"""

from ministack.core.responses import get_region
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from .resources import Created, Properties

_ENDPOINT = "AWS::EC2::VPCEndpoint"
# The zone of AWS's example.
_HOSTED_ZONE = "Z1HUB23UULQXV"


def install() -> None:
    handlers = provisioners._RESOURCE_HANDLERS
    original = handlers[_ENDPOINT]

    def create(logical_id: str, props: Properties, stack: str) -> Created:
        endpoint, attributes = original["create"](logical_id, props, stack)
        if props.get("VpcEndpointType") != "Interface":
            return endpoint, attributes
        service = props.get("ServiceName", "").rsplit(".", 1)[-1]
        names = [f"{_HOSTED_ZONE}:{endpoint}-00000000.{service}.{get_region()}.vpce.amazonaws.com"]
        ec2._vpc_endpoints[endpoint]["DnsEntries"] = names
        return endpoint, {**attributes, "DnsEntries": names}

    handlers[_ENDPOINT] = {**original, "create": create}
