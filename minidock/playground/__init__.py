"""The playground's Python side: a line in, plain data out; a browser draws it.

```
 text ─▶ line ─┬─ docker, NAME ... ─▶ bench ─┐
               └─ Python ─▶ python ──────────┴─▶ session ─▶ page ─▶ JSON
                                                    │
                                share ◀─ the lines that were typed
```

Nothing here knows of a browser: the page runs this package in Pyodide, and the tests
run it in any Python.
"""
