"""What stands on the Docker host, derived from the World."""
