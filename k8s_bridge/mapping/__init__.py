"""Mappings: each turns one part of an Application into Kubernetes objects and notes."""
