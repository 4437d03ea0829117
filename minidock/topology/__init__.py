"""What stands on a Linux host: interfaces, namespaces, routes; values only."""
