"""What a simulated container can run."""
