"""The overlay's part of the registry: which keys there are, and what stands under them.

```
World ──▶ acts      what must be in the registry after a command
registry ─▶ records what the entries say, as values
session             makes the acts true by compare-and-swap, and tells what others did
```
"""
