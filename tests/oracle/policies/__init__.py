"""Docker's reachability against the policies', by minidock's packets and by others."""
