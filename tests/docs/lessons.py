"""The fifteen lessons, in their order, and what each is made of, in both languages.

A lesson's page has, in this order: the question, a picture drawn by the library, a session,
the law in words beside its property test, an exercise with a ladder of hints, and what
Docker really does. Its translation has the same parts, and the same sessions to the letter.
"""

from pathlib import Path

from tests.docs.pages import ROOT

__all__ = ["LESSONS", "PARTS", "chinese", "english"]

LESSONS = (
    "01-an-address-is-a-number",
    "02-a-prefix-is-a-question",
    "03-who-gives-out-addresses",
    "04-a-cable-with-two-ends",
    "05-the-bridge-learns",
    "06-leaving-the-house",
    "07-coming-in",
    "08-the-default-bridge-has-no-names",
    "09-the-resolver",
    "10-internal-none-host-macvlan",
    "11-two-hosts",
    "12-when-the-store-disagrees",
    "13-the-api-on-the-wire",
    "14-the-same-wish-in-kubernetes",
    "15-break-it",
)

PARTS = {
    "en": (
        "**The question.**",
        "](../pictures/",
        "## Try it",
        "## The law",
        "## Exercise",
        "## What Docker really does",
    ),
    "zh": (
        "**问题。**",
        "](../../pictures/",
        "## 试一试",
        "## 定律",
        "## 练习",
        "## Docker 真正做了什么",
    ),
}


def english(lesson: str) -> Path:
    return ROOT / "docs" / "lessons" / f"{lesson}.md"


def chinese(lesson: str) -> Path:
    return ROOT / "docs" / "zh" / "lessons" / f"{lesson}.md"
