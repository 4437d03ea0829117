"""``python -m minidock``: the same as the command ``minidock``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - pip asks that, a clone of the sources does not
    sys.exit(
        f"minidock: this is Python {sys.version.split()[0]}\n"
        "  asked:  python -m minidock\n"
        "  rule:   minidock needs Python 3.11 or a newer one\n"
        "  try:    python3.11 -m minidock, or python3.12, or python3.13"
    )

from minidock.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
