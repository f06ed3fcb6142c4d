"""Start the emulator. In the repository root: `python -m emulator --data-dir .local/aws`."""

import shutil
import sys
from pathlib import Path

from . import environment, ministack_version, settings


def _prepare_function_folder(folder: Path) -> None:
    """Empty the folder of the unpacked functions, because stopped workers leave files there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Without this file, a package.json in a parent folder can turn the functions into ES modules.
    (folder / "package.json").write_text("{}\n")


def main() -> int:
    try:
        ministack_version.require()
    except ministack_version.WrongMinistack as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 2
    options = settings.parse()
    _prepare_function_folder(options.data_dir / "tmp")
    environment.replace(options.port, options.data_dir)
    from . import server  # After replace(), because ministack reads the environment on import.

    return server.run(options)


if __name__ == "__main__":
    sys.exit(main())
