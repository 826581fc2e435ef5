"""What a measurement ran on, so that a number is never without its machine."""

import os
import platform
from importlib.metadata import version

PACKAGES = ("chromadb", "tantivy", "sudachipy", "fastapi", "unstructured", "numpy")


def describe_machine() -> dict[str, object]:
    """Returns cores, Python, system and the versions that decide speed and quality."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in PACKAGES},
    }
