"""Start an AWS emulator (ministack) that rotates secrets: `python -m emulator PORT FOLDER`.

The folder holds the unpacked functions. ministack passes its whole environment to every function.
"""

import os
import shutil
import sys
from pathlib import Path


def main(port: int, functions: Path) -> None:
    _prepare_function_folder(functions)
    os.environ.update(
        {
            # At INFO, ministack repeats each function's output in the server's log.
            "LOG_LEVEL": "WARNING",
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "TMPDIR": str(functions),
            # These two services listen on fixed ports, so that a second emulator could not start.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
        }
    )
    from . import server  # Only now, because ministack reads the environment on import.

    server.run(port)


def _prepare_function_folder(folder: Path) -> None:
    """Empty the folder of the unpacked functions, because stopped workers leave files there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Without this file, a package.json in a parent folder can turn the functions into ES modules.
    (folder / "package.json").write_text("{}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
