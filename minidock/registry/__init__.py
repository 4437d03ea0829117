"""Key-value stores: one protocol, several implementations."""
