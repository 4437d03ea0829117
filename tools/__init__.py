"""What builds the project's pages: programs for its makers, no part of the packages."""
