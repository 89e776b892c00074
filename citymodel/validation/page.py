"""What a chapter hands over, checks with their bounds, text, tables; and the page that is made of chapters."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HOLDS, FAILS = "holds", "**does not hold**"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chapter finds its data and leaves its pictures.

    data : folder of real files, None where there is none
    pictures : folder; the page stands beside it
    small : a reduced size for quick tests
    """

    data: Path | None
    pictures: Path
    small: bool = False

    def files(self, *parts: str) -> Path | None:
        """A folder or file of the data, None where it is absent."""
        found = self.data.joinpath(*parts) if self.data is not None else None
        return found if found is not None and found.exists() else None


@dataclass(frozen=True, slots=True)
class Check:
    """One measured value beside what it may be at most, in size, or must be at least.

    digits : decimals shown, the sign too when ``signed``
    """

    what: str
    value: float
    bound: float
    unit: str = ""
    digits: int = 2
    signed: bool = False
    least: bool = False

    @property
    def holds(self) -> bool:
        """False for a value that is not a number too."""
        return self.value >= self.bound if self.least else abs(self.value) <= self.bound

    def row(self) -> tuple[str, str, str, str]:
        """Cells of the table of checks."""
        unit = "" if not self.unit else ("°" if self.unit == "°" else f" {self.unit}")
        sign = "+" if self.signed and self.value != 0 else ""
        shown = f"{self.value:{sign}.{self.digits}f}".replace("-", "−")
        limit = f"{self.bound:.9f}".rstrip("0").rstrip(".")
        bound = f"{'±' if self.signed else '≥ ' if self.least else '≤ '}{limit}{unit}"
        return self.what, f"{shown}{unit}", bound, HOLDS if self.holds else FAILS


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the page.

    text : paragraphs, tables and pictures of Markdown
    """

    title: str
    text: Sequence[str]
    checks: Sequence[Check] = field(default=())

    @property
    def holds(self) -> bool:
        return all(one.holds for one in self.checks)

    def markdown(self) -> str:
        """The chapter with its table of checks."""
        parts = [f"## {self.title}", *map(wrapped, self.text)]
        if self.checks:
            parts.append(table(("checked", "measured", "bound", ""), [one.row() for one in self.checks]))
        return "\n\n".join(parts)


def absent(title: str, what: str) -> Chapter:
    """A chapter whose data is not on this machine."""
    return Chapter(title, [f"Not made in this run: {what}."])


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table; columns after the first ``left`` are set to the right, but for a last one without a name."""
    rule = ["---" if k < left or not name else "---:" for k, name in enumerate(head)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def picture(name: str, alt: str) -> str:
    """A picture of the page."""
    return f"![{alt}](pictures/{name})"


def page(chapters: Sequence[Chapter], machine: str) -> str:
    """The whole page with its summary."""
    checks = [(chapter, one) for chapter in chapters for one in chapter.checks]
    broken = [f"{one.what} ({chapter.title})" for chapter, one in checks if not one.holds]
    summary = f"{len(checks) - len(broken)} of {len(checks)} bounds hold."
    if broken:
        summary += " Not met: " + "; ".join(broken) + "."
    head = [
        "# Validation: what was compared with what, and what came out",
        (
            "`./dev validate` measures everything on this page and writes it, pictures included. Every number "
            "below comes from that run; a bound stands beside each checked one, and the command fails when one "
            "does not hold."
        ),
        summary,
        machine,
    ]
    return "\n\n".join([*map(wrapped, head), *(chapter.markdown() for chapter in chapters)]) + "\n"


def wrapped(text: str) -> str:
    """Paragraphs and lists in lines of a readable width; tables and pictures as they are."""
    if text.startswith(("|", "!", "#")):
        return text
    lines = text.split("\n") if text.startswith("- ") else [text]
    return "\n".join(
        textwrap.fill(line, 118, subsequent_indent="  " if line.startswith("- ") else "", break_long_words=False,
                      break_on_hyphens=False)
        for line in lines
    )  # fmt: skip
