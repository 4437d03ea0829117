"""``python -m k8s_bridge``."""

import sys

from k8s_bridge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
