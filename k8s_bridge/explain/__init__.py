"""Docker and Kubernetes side by side, object by object."""
