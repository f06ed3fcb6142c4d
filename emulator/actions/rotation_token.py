"""RotationToken of PutSecretValue.

AWS: "A unique identifier that indicates the source of the request. For cross-account rotation ... Secrets Manager uses
the rotation token to validate the IAM role identity." ASSUMPTION: a token that is not the running rotation's is refused
so; a missing one is accepted, as it is when function and secret share an account.
"""

from ..secrets.errors import Request, invalid_parameter
from ..secrets.records import Secret
from ..rotation.rotations import rotations


def check(secret: Secret, data: Request) -> None:
    given = data.get("RotationToken")
    if given is None:
        return
    running = rotations.current(secret["ARN"])
    if running is None or running.rotation_token != given:
        raise invalid_parameter("The RotationToken does not belong to a rotation of this secret that is running.")
