"""Counts the calls of AWS actions, so that a measurement knows what a function calls."""

from collections import Counter

from emulator.asgi.messages import Message, decode_headers


class Calls:
    """The number of calls since the start or the last reset, by service and action.

    Only services that name the action in `x-amz-target` are counted, as Secrets Manager does.
    Calls that a fault or a policy refuses are counted too, because AWS charges for requests.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.throttled = 0
        """The number of calls that exceeded a quota."""

    def record(self, scope: Message) -> None:
        target = decode_headers(scope["headers"]).get("x-amz-target")
        if target:
            self.counts[target] += 1

    def reset(self) -> None:
        self.counts.clear()
        self.throttled = 0


calls = Calls()
