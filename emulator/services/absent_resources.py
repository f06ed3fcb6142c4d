"""Resources of stacks that ministack does not have: sinks and links of monitoring, pipelines.

AWS (template reference, OAM API reference): Ref of a sink and of a link is the ARN. An account has
one sink in a region, whose policy says which accounts may create links to it. Not here: updates,
and that the monitoring account reads the metrics of linked accounts.

Ref of a pipeline of CodePipeline is its name. Nothing runs the pipeline here.
"""

from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services.cloudformation import provisioners

from emulator.iam import policies

Properties = dict[str, Any]
Created = tuple[str, Properties]

_sinks: dict[str, Properties] = {}
"""The properties of each sink, by ARN."""


def _create_sink(logical_id: str, props: Properties, stack: str) -> Created:
    start = _arn("sink", "")
    if any(arn.startswith(start) for arn in _sinks):
        raise ValueError("The account has a sink in this region.")
    arn = _arn("sink", new_uuid())
    _sinks[arn] = props
    return arn, {"Arn": arn}


def _delete_sink(arn: str, props: Properties) -> None:
    _sinks.pop(arn, None)


def _create_link(logical_id: str, props: Properties, stack: str) -> Created:
    sink_arn = props["SinkIdentifier"]
    sink = _sinks.get(sink_arn)
    if sink is None or sink_arn.split(":")[3] != get_region():
        raise ValueError(f"{sink_arn} is no sink of this region.")
    account = get_account_id()
    context = {"oam:resourcetypes": props["ResourceTypes"]}
    root = ("Root", f"arn:aws:iam::{account}:root", account)
    request = policies.principal_request(*root, "oam:CreateLink", sink_arn, context)
    if not policies.resource_allows(sink["Policy"], request):
        raise ValueError(f"The policy of {sink_arn} does not allow a link.")
    arn = _arn("link", new_uuid())
    return arn, {"Arn": arn}


def _create_pipeline(logical_id: str, props: Properties, stack: str) -> Created:
    return props.get("Name") or provisioners._physical_name(stack, logical_id), {}


def _delete_nothing(physical_id: str, props: Properties) -> None:
    pass


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:oam:{get_region()}:{get_account_id()}:{kind}/{name}"


def install() -> None:
    provisioners._RESOURCE_HANDLERS.update(
        {
            "AWS::Oam::Sink": {"create": _create_sink, "delete": _delete_sink},
            "AWS::Oam::Link": {"create": _create_link, "delete": _delete_nothing},
            # An update calls `create`, which gives the same name.
            "AWS::CodePipeline::Pipeline": {"create": _create_pipeline, "delete": _delete_nothing},
        }
    )
