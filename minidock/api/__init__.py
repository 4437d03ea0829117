"""The Docker Engine API as pure functions from a request to a response."""
