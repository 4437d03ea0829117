"""Docker's command lines, from words to request values."""
