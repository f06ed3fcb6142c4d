"""Shows what a package requires to an empty environment, and no other package."""

import sys
from importlib.metadata import distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement


def link(requirements: list[str], folder: Path) -> None:
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        required = distribution(requirement.name)
        is_new = False
        for name in {file.parts[0] for file in required.files or []} - {"..", "__pycache__"}:
            if not (folder / name).exists():
                (folder / name).symlink_to(Path(str(required.locate_file(name))))
                is_new = True
        if is_new:
            link(required.requires or [], folder)


(installed,) = (one for one in distributions(path=[sys.argv[1]]) if one.name == sys.argv[2])
link(installed.requires or [], Path(sys.argv[1]))
