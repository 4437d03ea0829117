"""Readers: each turns one kind of description into an Application."""
