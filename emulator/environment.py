"""The process environment of the emulator, which every Lambda worker inherits.

ministack starts its workers with its own whole environment, so an AWS_ENDPOINT_URL, AWS_PROFILE or NODE_OPTIONS of the
developer's shell would reach the function. On AWS none of that exists. Only the names below survive.
"""

import os
from collections.abc import Mapping
from pathlib import Path

KEPT = frozenset({"PATH", "HOME", "LANG", "TZ", "USER", "AUTH", "USE_SSL", "LOG_LEVEL"})
KEPT_PREFIXES = ("LC_", "MINISTACK_", "LAMBDA_", "EMULATOR_")


def build(inherited: Mapping[str, str], port: int, data_dir: Path) -> dict[str, str]:
    """The environment to run with: what is kept of the inherited one, plus ministack's settings."""
    kept = {
        name: value
        for name, value in inherited.items()
        if name in KEPT or name.startswith(KEPT_PREFIXES)
    }
    return {
        # A function's own output goes to CloudWatch Logs; at INFO ministack would repeat it in the server's log.
        "LOG_LEVEL": "WARNING",
        **kept,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data_dir / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data_dir / "s3"),
        "TMPDIR": str(data_dir / "tmp"),
        # Listeners on fixed ports of services that nobody here uses: two emulators would fight for them.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
    }


def apply(environment: Mapping[str, str]) -> None:
    """Replace the process environment. To be called before ministack is imported: it reads the settings then."""
    os.environ.clear()
    os.environ.update(environment)
