"""UpdateSecretVersionStage: a label moves only if the caller names its present version."""

from typing import Any

from emulator.secrets import labels, records
from emulator.secrets.errors import Request, invalid_parameter, not_found


def update_secret_version_stage(data: Request) -> dict[str, Any]:
    """Move, add or remove a label.

    AWS (RemoveFromVersionId): "If the label is attached and you either do not specify this
    parameter, or the version ID does not match, then the operation fails." ASSUMPTION
    sm-compare-and-swap, and for the messages ASSUMPTION aws-texts.
    """
    secret = records.find_active(data.get("SecretId"))
    label = data.get("VersionStage")
    target, source = data.get("MoveToVersionId"), data.get("RemoveFromVersionId")
    if not label:
        raise invalid_parameter("VersionStage is required.")
    for version_id in (target, source):
        if version_id and version_id not in secret["Versions"]:
            raise not_found(f"Secrets Manager can't find the specified secret version: {version_id}.")
    present = labels.version_with(secret, label)
    if target:
        _require_source(label, target, source, present)
        labels.require_quota(secret, [label])
        labels.attach(secret, target, label)
    else:
        if label == labels.CURRENT:
            raise invalid_parameter(
                "You can only move staging label AWSCURRENT to a different secret version. "
                "It can’t be completely removed."  # noqa: RUF001 - AWS's own message has this apostrophe.
            )
        if present is None or present != source:
            raise invalid_parameter(f"The staging label {label} is not attached to version {source}.")
        labels.detach(secret, present, label)
    records.mark_changed(secret)
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
