"""Holds: a test stops a rotation before a step, acts, and then lets the rotation continue."""

from emulator.timing.wakeup import Wakeup

from .rotation import Rotation
from .step import Step

# Seconds after which a waiting step checks the hold again.
_LONGEST_WAIT = 30.0


class Holds:
    def __init__(self, changed: Wakeup) -> None:
        self._steps: dict[str, Step] = {}
        self._changed = changed

    def add(self, secret_arn: str, step: Step) -> None:
        """Hold the next rotation of the secret before this step, once."""
        self._steps[secret_arn] = step

    def release(self, secret_arn: str) -> None:
        self._steps.pop(secret_arn, None)
        self._changed.wake()

    def clear(self) -> None:
        self._steps.clear()

    async def wait(self, rotation: Rotation, step: Step) -> None:
        """Wait until the hold before this step ends, or the rotation stops."""
        while self._steps.get(rotation.secret_arn) == step and not rotation.stopped:
            if rotation.state != "held":
                rotation.state = "held"
                self._changed.wake()
            await self._changed.wait(_LONGEST_WAIT)
        if rotation.state == "held":
            rotation.state = "running"
            self._steps.pop(rotation.secret_arn, None)
