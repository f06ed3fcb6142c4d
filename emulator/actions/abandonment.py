"""A person writes a new current value while a rotation is under way.

AWS (userguide, "RotationAbandoned event"): "When you manually create a new version of a secret, you send a message
signalling the abandonment of the current ongoing rotation in favor of the new secret version. As a result, Secrets
Manager removes the AWSPENDING label to allow future rotations to succeed". And RotationRulesType: "Manually updating
the secret value by calling PutSecretValue or UpdateSecret is considered a valid rotation."

Whose write it is shows in the version: the rotation function writes the version that has AWSPENDING.
"""

from ..rotation import schedules
from ..secrets import labels
from ..secrets.records import Secret
from ..rotation.rotations import rotations


def after_write(secret: Secret, current_before: str | None) -> None:
    """To be called after PutSecretValue or UpdateSecret stored a version."""
    current = labels.holder(secret, labels.CURRENT)
    pending = labels.holder(secret, labels.PENDING)
    if current == current_before or current == pending:
        return
    schedules.plan(secret)
    if pending is None:
        return
    labels.detach(secret, pending, labels.PENDING)
    if pending != current_before:
        rotations.abandon(secret, pending)
