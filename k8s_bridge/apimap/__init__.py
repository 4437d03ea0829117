"""Each call of the Docker Engine API beside what asks the same of Kubernetes."""
