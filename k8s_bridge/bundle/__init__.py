"""Everything that is needed to have what runs here again somewhere else, as files."""
