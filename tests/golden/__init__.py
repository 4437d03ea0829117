"""Recordings of a real engine, and the tool that replays them against the library."""
