"""Netfilter rules as data; knows rules, not Docker."""
