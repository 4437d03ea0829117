"""The command ``k8s-bridge``: one file per subcommand, one that they share."""
