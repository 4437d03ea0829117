"""Names and plain data for tests."""
