"""What an engine holds, and the steps that make another one hold the same."""
