"""Abandonment: a person writes a new current value during a rotation.

AWS (userguide, "RotationAbandoned event"): "When you manually create a new version of a secret,
you send a message signalling the abandonment of the current ongoing rotation in favor of the new
secret version. As a result, Secrets Manager removes the AWSPENDING label to allow future rotations
to succeed". And RotationRulesType: "Manually updating the secret value by calling PutSecretValue
or UpdateSecret is considered a valid rotation."

ASSUMPTION: a write to the version that has AWSPENDING comes from the rotation function. Every
other write comes from a person.
"""

from emulator.rotation import schedules
from emulator.rotation.rotations import rotations
from emulator.secrets import labels
from emulator.secrets.records import Secret


def after_write(secret: Secret, previous_current: str | None) -> None:
    """Call this after PutSecretValue or UpdateSecret stored a version."""
    current = labels.version_with(secret, labels.CURRENT)
    pending = labels.version_with(secret, labels.PENDING)
    if current in (previous_current, pending):
        return
    schedules.plan(secret)
    if pending is None:
        return
    labels.detach(secret, pending, labels.PENDING)
    if pending != previous_current:
        rotations.abandon(secret, pending)
