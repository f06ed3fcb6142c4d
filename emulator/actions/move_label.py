"""UpdateSecretVersionStage, with what ministack does not refuse.

AWS (RemoveFromVersionId): "If the label is attached and you either do not specify this parameter,
or the version ID does not match, then the operation fails." ministack refuses these, except from a
version to itself if no version has the label, and moves AWSPREVIOUS. ASSUMPTION
sm-compare-and-swap, and for the messages ASSUMPTION aws-texts.
"""

from ministack.services import secretsmanager as sm

from emulator.secrets import labels, records
from emulator.secrets.errors import Request, Response, invalid_parameter

_update_secret_version_stage = sm._update_secret_version_stage


def update_secret_version_stage(data: Request) -> Response:
    """Move, add or remove a label."""
    secret = records.find_active(data.get("SecretId"))
    label, source = data.get("VersionStage", ""), data.get("RemoveFromVersionId")
    if data.get("MoveToVersionId"):
        if source and labels.version_with(secret, label) is None:
            raise invalid_parameter(f"The staging label {label} is not attached to version {source}.")
        labels.require_quota(secret, [label])
    elif label == labels.CURRENT:
        raise invalid_parameter(
            "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed."  # noqa: RUF001 - AWS's own message has this apostrophe.
        )
    response: Response = _update_secret_version_stage(data)
    if response[0] == 200:
        records.mark_changed(secret)
    return response
