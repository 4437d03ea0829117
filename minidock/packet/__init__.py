"""A packet's journey through the machine that a World implies, and why it ended."""
