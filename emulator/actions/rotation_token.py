"""RotationToken of PutSecretValue.

AWS: "A unique identifier that indicates the source of the request. For cross-account rotation ...
Secrets Manager uses the rotation token to validate the IAM role identity." ASSUMPTION: a token of
no running rotation is refused with this message. ASSUMPTION: the token may be missing, as when
function and secret are in one account.
"""

from emulator.rotation.rotations import rotations
from emulator.secrets.errors import Request, invalid_parameter
from emulator.secrets.records import Secret


def require_valid(data: Request, secret: Secret) -> None:
    token = data.get("RotationToken")
    if token is None:
        return
    rotation = rotations.current(secret["ARN"])
    if rotation is None or rotation.rotation_token != token:
        raise invalid_parameter("The RotationToken does not belong to a running rotation of this secret.")
