"""A trace as a page of its own, with a slider that goes from hop to hop.

```
 ◀ ●──────────── ▶   Hop 3 of 22            arrow keys, Home and End, a pointer
 web [eth0] route: ... by default via ...   said aloud (aria-live)
 ┌ the picture: hops ahead are faint, the one that happens now has a ring ┐
 └──────────────────────────────────────────────────────────────────────┘
 1. outside name: ...                       the same as a list
```

Without scripts it is the still picture and the list. The page asks nobody for anything:
its policy (``Content-Security-Policy``) allows this one script and this one style
sheet, by their digests, and nothing else. The script only copies texts of the page.

Invariant: whatever a container is called, it is a text in the page.
"""

from base64 import b64encode
from hashlib import sha256

from minidock.packet.trace import Hop, Trace
from minidock.views.markup import safe
from minidock.views.trail import heading, seen_by, where

__all__ = ["trace_page"]

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
.picture { overflow-x: auto; }
.steps { display: flex; gap: .5rem; align-items: center; flex-wrap: wrap; }
.steps input { flex: 1 1 12rem; min-height: 2rem; }
.steps button { font: inherit; min-width: 3rem; min-height: 2.5rem; }
:focus-visible { outline: 3px solid #1f5fa8; outline-offset: 2px; }
#said { min-height: 4.5em; padding: .5rem .75rem; border: 1px solid; }
#said, ol { overflow-wrap: anywhere; }
[hidden] { display: none; }
.bubble { transition: opacity .2s; }
.ahead { opacity: .12; }
.bubble.now > rect { stroke-width: 4; }
li.now { font-weight: 700; }
@media (prefers-reduced-motion: reduce) { .bubble { transition: none; } }
"""

_SCRIPT = """
"use strict";
const hops = [...document.querySelectorAll("li[data-hop]")];
const bubbles = [...document.querySelectorAll(".bubble")].map((bubble) => {
  const [first, last] = bubble.dataset.hops.split("-").map(Number);
  return { bubble, first, last: last || first };
});
const slider = document.getElementById("hop");
const said = document.getElementById("said");
const count = document.getElementById("count");

function show(hop) {
  const number = Math.min(Math.max(hop, 1), hops.length);
  slider.value = number;
  slider.setAttribute("aria-valuetext", `hop ${number} of ${hops.length}`);
  count.textContent = `Hop ${number} of ${hops.length}`;
  said.textContent = `Hop ${number}: ${hops[number - 1].textContent}`;
  for (const { bubble, first, last } of bubbles) {
    bubble.classList.toggle("ahead", first > number);
    bubble.classList.toggle("now", first <= number && number <= last);
  }
  hops.forEach((item, index) => {
    item.classList.toggle("now", index + 1 === number);
    if (index + 1 === number) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

const step = (by) => show(Number(slider.value) + by);
const keys = {
  ArrowRight: () => step(1), ArrowUp: () => step(1),
  ArrowLeft: () => step(-1), ArrowDown: () => step(-1),
  Home: () => show(1), End: () => show(hops.length),
};
slider.addEventListener("input", () => show(Number(slider.value)));
document.getElementById("back").addEventListener("click", () => step(-1));
document.getElementById("on").addEventListener("click", () => step(1));
document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
  const across = event.key.startsWith("ArrowU") || event.key.startsWith("ArrowD");
  const key = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (key && plain && (event.target === slider || !across)) {
    event.preventDefault();
    key();
  }
});
document.getElementById("steps").hidden = false;
said.hidden = false;
show(1);
"""


def trace_page(trace: Trace, svg: str) -> str:
    """The page; O(hops).

    Args:
        trace: the journey.
        svg: its picture (:func:`minidock.views.trace_svg.trace_svg`).

    >>> from minidock.packet.trace import Outcome
    >>> lost = Trace(source="<web>", target="db", protocol="icmp", why="No such name.",
    ...              outcome=Outcome.UNREACHABLE)
    >>> page = trace_page(lost, "")
    >>> "<h1>&lt;web&gt; to db (icmp): unreachable</h1>" in page, "<script>" in page
    (True, False)
    """
    title = safe(f"{heading(trace)}: {trace.outcome}")
    ending = [trace.why, trace.remedy and f"What would work: {trace.remedy}"]
    sentences = " ".join(filter(None, [*ending, seen_by(trace)]))
    rows = "".join(
        f'<li data-hop="{hop.number}">{safe(_said(hop))}</li>\n' for hop in trace.hops
    )
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src {_digest(_STYLE)}",
            f"script-src {_digest(_SCRIPT)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            f"<body><main><h1>{title}</h1>",
            f"<p>{safe(sentences)}</p>",
            *((_STEPS.format(last=len(trace.hops)),) if trace.hops else ()),
            f'<div class="picture">{svg}</div>',
            f"<h2>Every hop</h2>\n<ol>\n{rows}</ol>" if trace.hops else "",
            "</main>",
            f"<script>{_SCRIPT}</script>" if trace.hops else "",
            "</body></html>",
            "",
        ]
    )


_STEPS = """<div class="steps" id="steps" role="group" aria-label="Hop by hop" hidden>
<button type="button" id="back" aria-label="one hop back">◀</button>
<input type="range" id="hop" min="1" max="{last}" value="1" aria-label="hop">
<button type="button" id="on" aria-label="one hop on">▶</button>
<span id="count"></span></div>
<p id="said" role="status" aria-live="polite" hidden></p>"""


def _said(hop: Hop) -> str:
    trip = "answer, " if hop.reply else ""
    by = f", by {hop.entry}" if hop.entry else ""
    return f"{trip}{where(hop)} {hop.layer}: {hop.decision}{by}"


def _digest(text: str) -> str:
    """How a policy names one text that may stand in the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
