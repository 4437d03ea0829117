"""What the library says, beside what the real thing does."""
