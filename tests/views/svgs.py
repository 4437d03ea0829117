"""What every picture owes its readers, whatever it shows: checks for any SVG."""

import re
from xml.etree import ElementTree as ET

from minidock.views.palette import contrast

SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = [
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "]]>&amp;&lt;--",
    "' onmouseover='alert(1)",
    "tab\tnew\nline\x00\x1b[31m\ud800",
    "javascript:alert(1)",
    "日本語\u202eevil",
]
"""Names that no page may take for anything but text."""

ELEMENTS = {
    "svg",
    "title",
    "desc",
    "g",
    "rect",
    "line",
    "polyline",
    "polygon",
    "circle",
    "text",
}


def read(picture):
    """The tree of a picture that owes its readers nothing; asserts all of that."""
    root = ET.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, description, paper = list(root)[:3]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text
    assert description.text
    assert (paper.get("width"), paper.get("height")) == (
        root.get("width"),
        root.get("height"),
    )
    assert contrast(paper.get("fill"), root.get("fill")) >= 7  # on any page
    for item in root.iter():
        assert item.tag.removeprefix(SVG) in ELEMENTS, item.tag
        for name, value in item.attrib.items():
            assert not name.startswith("on"), name
            assert name not in {"id", "style", "href"}, name
            assert "url(" not in value
            assert not re.search(r"[\x00-\x1f\ud800-\udfff]", value)
    return root


def texts(root):
    """Every text that can be selected."""
    return [item.text or "" for item in root.iter(f"{SVG}text")]
