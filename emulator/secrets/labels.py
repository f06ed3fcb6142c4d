"""Staging labels. A label is on one version of a secret, and AWSPREVIOUS follows AWSCURRENT.

AWS (UpdateSecretVersionStage, PutSecretValue): "A staging label can be attached to only one
version at a time"; "Whenever you move AWSCURRENT, Secrets Manager automatically moves the label
AWSPREVIOUS to the version that AWSCURRENT was removed from". When ministack stores a value, it
leaves other labels on the old version, and drops a version that loses its last label.
"""

from collections.abc import Iterable

from ministack.services import secretsmanager as sm

from .errors import ApiError
from .records import Secret

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
PREVIOUS = "AWSPREVIOUS"

_LIMIT = 20


def version_with(secret: Secret, label: str) -> str | None:
    """The id of the version that has the label."""
    version_id: str | None = sm._find_stage_version(secret, label)[0]
    return version_id


def attach(secret: Secret, version_id: str, label: str) -> None:
    """Move the label to this version."""
    before = version_with(secret, label)
    if before == version_id:
        return
    sm._remove_stage_everywhere(secret, label)
    sm._add_stage(secret, version_id, label)
    if label == CURRENT and before is not None:
        attach(secret, before, PREVIOUS)


def require_quota(secret: Secret, added: Iterable[str]) -> None:
    """Refuse a 21st label.

    AWS: quota "Staging labels attached across all versions of a secret: 20".
    ASSUMPTION sm-labels-limit: AWSPREVIOUS counts only after it is attached. ASSUMPTION aws-texts
    """
    present = {label for version in secret["Versions"].values() for label in version["Stages"]}
    if len(present | set(added)) > _LIMIT:
        raise ApiError(
            "LimitExceededException",
            f"The request would exceed the quota of {_LIMIT} staging labels attached to the versions of a secret.",
        )


def incomplete_rotation(secret: Secret) -> str | None:
    """The id of the version that an incomplete rotation left with AWSPENDING, or None.

    AWS (RotateSecret): "If the AWSPENDING staging label is present but not attached to the same
    version as AWSCURRENT, then any later invocation of RotateSecret assumes that a previous
    rotation request is still in progress and returns an error." Only the labels decide. If
    somebody removes AWSPENDING, a new rotation can start at once. ASSUMPTION sm-incomplete
    """
    pending = version_with(secret, PENDING)
    return pending if pending != version_with(secret, CURRENT) else None
