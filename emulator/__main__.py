"""Start the emulator. In the repository root: `python -m emulator --data-dir .local/aws`."""

import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import environment, settings

_MINISTACK = "1.5.33"


def _wrong_ministack() -> str | None:
    """Describe the problem if ministack is not the version whose functions emulator/ replaces."""
    try:
        installed = version("ministack")
    except PackageNotFoundError:
        return "ministack is not installed"
    return None if installed == _MINISTACK else f"ministack {installed} is installed"


def _prepare_function_folder(folder: Path) -> None:
    """Empty the folder of the unpacked functions, because stopped workers leave files there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Without this file, a package.json in a parent folder can turn the functions into ES modules.
    (folder / "package.json").write_text("{}\n")


def main() -> int:
    if problem := _wrong_ministack():
        print(
            f"emulator: {problem}. The emulator replaces private functions of ministack and needs exactly "
            f"{_MINISTACK}. Run: pip install --require-hashes -r local/requirements/servers.txt",
            file=sys.stderr,
        )
        return 2
    options = settings.parse()
    _prepare_function_folder(options.data_dir / "tmp")
    environment.replace(options.port, options.data_dir)
    from . import server  # After replace(), because ministack reads the environment on import.

    return server.run(options)


if __name__ == "__main__":
    sys.exit(main())
