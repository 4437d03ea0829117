"""The docker command line as a client of the API."""
