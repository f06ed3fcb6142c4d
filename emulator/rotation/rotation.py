"""One rotation of one secret, and its state."""

from dataclasses import dataclass, field
from typing import Any, Literal

from ministack.core.responses import new_uuid

Step = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]


@dataclass(frozen=True)
class RetryPolicy:
    """How often a failed rotation is repeated.

    AWS: "If rotation fails, Secrets Manager retries the entire rotation process multiple times."
    ASSUMPTION aws-retries: the number of retries, and the time between them.
    """

    retries: int
    spacing: float
    """Seconds on the emulator's clock."""


@dataclass(frozen=True)
class Failure:
    """Why a step or an attempt failed. The reason never holds a message of the function."""

    reason: str
    retryable: bool = True


@dataclass(eq=False)
class Rotation:
    secret_arn: str
    function_arn: str
    token: str
    """The ClientRequestToken, which is the VersionId of the new version."""
    attempts_allowed: int
    retry_spacing: float
    test_only: bool = False
    """RotateImmediately=false: only testSecret runs, on a copy of the current value."""
    due: float = 0.0
    """When the next attempt starts, on the emulator's clock."""
    rotation_token: str = field(default_factory=new_uuid)
    attempt: int = 0
    state: Literal["running", "held", "waiting"] = "waiting"
    step: Step | None = None
    stopped: bool = False
    """Cancelled, abandoned or replaced: no further step starts, and no event is sent."""

    def view(self) -> dict[str, Any]:
        """The state, as the control endpoint returns it."""
        return {"state": self.state, "step": self.step, "token": self.token, "attempt": self.attempt}
