"""Network drivers: what each kind of network and endpoint contributes."""
