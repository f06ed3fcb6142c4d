"""Start the emulator. In the repository root: `python -m emulator --data-dir .local/aws`."""

import os
import shutil
import sys
from pathlib import Path

from . import settings

_KEPT = frozenset({"PATH", "HOME", "LANG", "TZ", "USER", "AUTH", "LOG_LEVEL"})
_KEPT_PREFIXES = ("LC_", "MINISTACK_", "LAMBDA_")


def main() -> int:
    options = settings.parse()
    _prepare_function_folder(options.data_dir / "tmp")
    _replace_environment(options.port, options.data_dir / "tmp")
    from . import server  # Only now, because ministack reads the environment on import.

    return server.run(options)


def _prepare_function_folder(folder: Path) -> None:
    """Empty the folder of the unpacked functions, because stopped workers leave files there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Without this file, a package.json in a parent folder can turn the functions into ES modules.
    (folder / "package.json").write_text("{}\n")


def _replace_environment(port: int, functions: Path) -> None:
    """Keep only the variables above and add ministack's.

    ministack passes its whole environment to every Lambda worker. A variable of the developer's
    shell, such as AWS_PROFILE or NODE_OPTIONS, would otherwise reach the functions.
    """
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    os.environ.clear()
    os.environ.update(
        {
            # At INFO, ministack repeats each function's output in the server's log.
            "LOG_LEVEL": "WARNING",
            **kept,
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "TMPDIR": str(functions),
            # These two services listen on fixed ports, so that a second emulator could not start.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
        }
    )


if __name__ == "__main__":
    sys.exit(main())
