"""Published ports: the -p grammar, and who holds which host port."""
