"""From manifests back to Docker: the Application that they describe, and a report."""
