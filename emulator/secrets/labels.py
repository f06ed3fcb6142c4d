"""Staging labels: each sits on one version of a secret, and AWSCURRENT drags AWSPREVIOUS along.

AWS (UpdateSecretVersionStage, PutSecretValue): "A staging label can be attached to only one version at a time";
"Whenever you move AWSCURRENT, Secrets Manager automatically moves the label AWSPREVIOUS to the version that AWSCURRENT
was removed from". ministack leaves a label on the old version and drops versions that lost their last label.
"""

from collections.abc import Iterable

from ministack.services import secretsmanager as sm

from .errors import ApiError
from .records import Secret

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
PREVIOUS = "AWSPREVIOUS"

_LIMIT = 20


def holder(secret: Secret, label: str) -> str | None:
    """The id of the version that carries the label."""
    for version_id, version in secret["Versions"].items():
        if label in version["Stages"]:
            return version_id
    return None


def attach(secret: Secret, version_id: str, label: str) -> None:
    """Put the label on this version, and off the one that had it."""
    before = holder(secret, label)
    if before == version_id:
        return
    if before is not None:
        detach(secret, before, label)
    secret["Versions"][version_id]["Stages"].append(label)
    if label == CURRENT and before is not None:
        attach(secret, before, PREVIOUS)
    if label not in (PENDING, PREVIOUS):
        sm._emit_secret_label_updated(secret, label, version_id)


def detach(secret: Secret, version_id: str, label: str) -> None:
    version = secret["Versions"][version_id]
    version["Stages"] = [stage for stage in version["Stages"] if stage != label]


def require_room(secret: Secret, added: Iterable[str]) -> None:
    """Refuse a 21st label. AWS: quota "Staging labels attached across all versions of a secret: 20".

    ASSUMPTION: the message, and that AWSPREVIOUS counts only once it is attached.
    """
    present = {label for version in secret["Versions"].values() for label in version["Stages"]}
    if len(present | set(added)) > _LIMIT:
        raise ApiError(
            "LimitExceededException",
            f"The request would exceed the quota of {_LIMIT} staging labels attached to the versions of a secret.",
        )


def rotation_incomplete(secret: Secret) -> str | None:
    """The version that an unfinished rotation left AWSPENDING on, or None.

    AWS (RotateSecret): "If the AWSPENDING staging label is present but not attached to the same version as AWSCURRENT,
    then any later invocation of RotateSecret assumes that a previous rotation request is still in progress and returns
    an error." The labels alone decide, never what this package remembers of a rotation: a hand that removes
    AWSPENDING un-sticks the secret at once.
    """
    pending = holder(secret, PENDING)
    return pending if pending is not None and pending != holder(secret, CURRENT) else None
