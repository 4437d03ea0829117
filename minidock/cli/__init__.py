"""The minidock command."""
