"""What a reader saw and did not understand, counted by code, with one example each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Warnings of one read, counted; filled by a reader, then only read.

    ``counts[code]`` is how often, ``examples[code]`` the first place or value seen.
    Codes are kebab-case nouns a person can read: ``unknown-element``, ``unresolved-xlink``.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, code: str, example: str = "", count: int = 1) -> None:
        """Count ``count`` more cases of ``code``; keep the first ``example``."""
        self.counts[code] = self.counts.get(code, 0) + count
        self.examples.setdefault(code, example[:200])

    def warnings(self) -> list[dict[str, object]]:
        """The list that ``citymodel info --json`` prints."""
        return [
            {"code": code, "count": count, "example": self.examples.get(code, "")}
            for code, count in sorted(self.counts.items())
        ]
