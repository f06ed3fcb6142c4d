"""UpdateSecretVersionStage: moving a label is a compare-and-swap on the version that has it."""

from typing import Any

from ..secrets import labels, records
from ..secrets.errors import Request, invalid_parameter, not_found


def update_secret_version_stage(data: Request) -> dict[str, Any]:
    """Move, add or remove one label.

    AWS (RemoveFromVersionId): "If the label is attached and you either do not specify this parameter, or the version ID
    does not match, then the operation fails." ASSUMPTION: the wording of the second refusal, and of the two for
    versions that do not exist or have no such label.
    """
    secret = records.writable(data.get("SecretId"))
    label = data.get("VersionStage")
    target, source = data.get("MoveToVersionId"), data.get("RemoveFromVersionId")
    if not label:
        raise invalid_parameter("VersionStage is required.")
    if not target and not source:
        raise invalid_parameter("You must specify MoveToVersionId or RemoveFromVersionId.")
    for version_id in (target, source):
        if version_id and version_id not in secret["Versions"]:
            raise not_found(f"Secrets Manager can't find the specified secret version: {version_id}.")
    present = labels.holder(secret, label)
    if target:
        _require_source(label, target, source, present)
        labels.require_room(secret, [label])
        labels.attach(secret, target, label)
    else:
        if label == labels.CURRENT:
            raise invalid_parameter(
                "You can only move staging label AWSCURRENT to a different secret version. "
                "It can’t be completely removed."
            )
        if present is None or present != source:
            raise invalid_parameter(f"The staging label {label} is not attached to version {source}.")
        labels.detach(secret, present, label)
    records.changed(secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"]}


def _require_source(label: str, target: str, source: str | None, present: str | None) -> None:
    if source is None and present is not None and present != target:
        raise invalid_parameter(
            f"The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version "
            f"{present}, so you must explicitly reference that version in RemoveFromVersionId."
        )
    if source is not None and source != present:
        raise invalid_parameter(
            f"When you move staging label {label}, if you specify RemoveFromVersionId, it must be set to the version "
            f"that currently has the staging label {label}."
        )
