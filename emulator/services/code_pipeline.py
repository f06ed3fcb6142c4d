"""Pipelines of CodePipeline in a stack. ministack has none.

AWS (template reference): Ref is the name of the pipeline. Nothing runs the pipeline here.
"""

from typing import Any

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]


def _create(logical_id: str, props: Properties, stack: str) -> tuple[str, Properties]:
    return props.get("Name") or provisioners._physical_name(stack, logical_id), {}


def _delete(name: str, props: Properties) -> None:
    pass


def install() -> None:
    # An update calls `create`, which gives the same name.
    provisioners._RESOURCE_HANDLERS["AWS::CodePipeline::Pipeline"] = {"create": _create, "delete": _delete}
