"""Start the emulator: `PYTHONPATH=local python -m emulator --port 4566 --data-dir .local/aws`."""

import os
import shutil
import sys
from pathlib import Path

from . import environment, ministack_version, settings


def _prepare(functions: Path, node_modules: Path | None) -> None:
    """Make the folder that functions are unpacked in. What an earlier run left goes: stopped workers cannot do it."""
    shutil.rmtree(functions, ignore_errors=True)
    functions.mkdir(parents=True)
    # A package.json above, such as this project's, must not turn the functions into ES modules.
    (functions / "package.json").write_text("{}\n")
    if node_modules is not None:
        (functions / "node_modules").symlink_to(node_modules, target_is_directory=True)


def main() -> int:
    try:
        ministack_version.require()
    except ministack_version.WrongMinistack as problem:
        print(f"emulator: {problem}", file=sys.stderr)
        return 2
    chosen = settings.parse()
    _prepare(chosen.data_dir / "tmp", chosen.lambda_node_modules)
    environment.apply(environment.build(os.environ, chosen.port, chosen.data_dir))
    from . import server  # imports ministack, which reads its settings from the environment on import

    return server.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
