"""The one ministack version that this package fits.

The package replaces private functions of ministack. Another version may have renamed or reshaped them, and would then
fail late and in odd ways, so the start is refused instead.
"""

from importlib.metadata import PackageNotFoundError, version

REQUIRED = "1.5.33"


class WrongMinistack(Exception):
    """ministack is missing, or another version than the required one is installed."""


def require() -> str:
    """Return the installed version; raise WrongMinistack when it is not the required one."""
    try:
        found = version("ministack")
    except PackageNotFoundError:
        raise WrongMinistack(
            f"ministack is not installed; this emulator needs exactly {REQUIRED}: "
            "pip install --require-hashes -r local/requirements.txt"
        ) from None
    if found != REQUIRED:
        raise WrongMinistack(
            f"ministack {found} is installed; this emulator replaces private functions of exactly {REQUIRED}: "
            "pip install --require-hashes -r local/requirements.txt"
        )
    return found
