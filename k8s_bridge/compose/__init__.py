"""Reading Compose files as ``docker compose config`` reads them.

```
 files ─▶ document ─▶ interpolation ─▶ including ─▶ extending ─▶ merging ─┐
          YAML, with   ${NAME:-x}       include:     extends:     -f -f    │
          its lines                                                        ▼
                 Project ◀─ consistency ◀─ profiles ◀─ normal ◀─ canonical ◀─ schema
```

Invariant: nothing here opens a file, reads the environment or prints; what a project
needs of the outside comes through a :class:`~k8s_bridge.compose.reader.Reader` and a
mapping of variables.
"""
