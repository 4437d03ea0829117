"""Several engines in one process, over a network that can fail on purpose."""
