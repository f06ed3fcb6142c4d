"""The environment variables of the emulator's process.

ministack passes its whole environment to every Lambda worker. A variable of the developer's shell,
such as AWS_PROFILE or NODE_OPTIONS, would therefore reach the functions, which does not happen on
AWS.
"""

import os
from pathlib import Path

KEPT = frozenset({"PATH", "HOME", "LANG", "TZ", "USER", "AUTH", "USE_SSL", "LOG_LEVEL"})
KEPT_PREFIXES = ("LC_", "MINISTACK_", "LAMBDA_")


def replace(port: int, data_dir: Path) -> None:
    """Keep only the variables above and add ministack's. Call this before importing ministack."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    os.environ.clear()
    os.environ.update(
        {
            # At INFO, ministack repeats each function's output in the server's log.
            "LOG_LEVEL": "WARNING",
            **kept,
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(data_dir / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(data_dir / "s3"),
            "TMPDIR": str(data_dir / "tmp"),
            # These two services listen on fixed ports, so that a second emulator could not start.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
        }
    )
