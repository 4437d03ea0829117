"""Numbers with a notation: addresses, prefixes and MACs."""
