"""`python -m tests.laws` says what is wrong with the laws; `--write` writes their page."""

import sys

from tests.laws.page import DATA, PAGE, as_data, as_page
from tests.laws.reading import faults, laws_of

laws = laws_of()
found = faults(laws)
written = {PAGE: as_page(laws), DATA: as_data(laws)}
stale = [
    file
    for file, text in written.items()
    if not file.exists() or file.read_text("utf-8") != text
]
if "--write" in sys.argv[1:]:
    for file in stale:
        file.write_text(written[file], "utf-8")
    stale = []
print(*found, *(f"{file.name} is out of date" for file in stale), sep="\n")
print(f"{len(laws)} laws, {len(found)} of them no sentence of their own")
sys.exit(bool(found or stale))
