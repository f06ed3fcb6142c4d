"""The ministack version that the emulator needs.

The emulator replaces private functions of ministack, which can differ in every other version.
"""

from importlib.metadata import PackageNotFoundError, version

REQUIRED = "1.5.33"


class WrongMinistack(Exception):
    """ministack is not installed, or its version is not the required version."""


def require() -> None:
    """Raise WrongMinistack unless the required version is installed."""
    try:
        problem = f"ministack {version('ministack')} is installed"
    except PackageNotFoundError:
        problem = "ministack is not installed"
    if problem != f"ministack {REQUIRED} is installed":
        raise WrongMinistack(
            f"{problem}. The emulator replaces private functions of ministack and needs exactly {REQUIRED}. "
            "Run: pip install --require-hashes -r local/requirements/servers.txt"
        )
