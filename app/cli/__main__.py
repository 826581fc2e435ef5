"""Lets ``python -m app.cli`` do what ``kura`` does."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
