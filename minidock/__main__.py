"""``python -m minidock``: the same as the command ``minidock``."""

import sys

from minidock.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
