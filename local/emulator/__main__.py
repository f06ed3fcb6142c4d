"""Start the emulator: `PYTHONPATH=local python -m emulator --port 4566 --data-dir .local/aws`."""

import os
import shutil
import sys

from . import environment, ministack_version, settings


def main() -> int:
    try:
        ministack_version.require()
    except ministack_version.WrongMinistack as problem:
        print(f"emulator: {problem}", file=sys.stderr)
        return 2
    chosen = settings.parse()
    # Unpacked functions of an earlier run; a stopped worker cannot remove its own.
    shutil.rmtree(chosen.data_dir / "tmp", ignore_errors=True)
    (chosen.data_dir / "tmp").mkdir(parents=True)
    if chosen.lambda_node_modules is not None:
        (chosen.data_dir / "tmp" / "node_modules").symlink_to(chosen.lambda_node_modules, target_is_directory=True)
    environment.apply(environment.build(os.environ, chosen.port, chosen.data_dir))
    from . import server  # imports ministack, which reads its settings from the environment on import

    return server.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
