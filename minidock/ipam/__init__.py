"""IP address management: which subnet, and which address in it."""
