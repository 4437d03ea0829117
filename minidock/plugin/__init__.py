"""Docker's remote protocols for networks and addresses; import the modules in here."""
