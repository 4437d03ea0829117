"""Readings of a World for people: JSON, tables, drawings, commands."""
