"""The classes of what an eye sees of ground and roofs, in words to read aloud; colours safe for colour-blind people."""

from __future__ import annotations

HIDDEN, SEEN, LOST, WON = 0, 1, 2, 3
UNKNOWN, OUT = 254, 255
"""Codes of cells: with a proposal SEEN is seen in both states, LOST newly hidden, WON newly seen."""

COLOURS = {
    SEEN: "#f2c14e", HIDDEN: "#c2c8ce", LOST: "#a3201a", WON: "#1f5aa6", OUT: "#e6e2d8", UNKNOWN: "#ffffff",
}  # fmt: skip
ALONE = {SEEN: "seen", HIDDEN: "hidden", OUT: "out of range", UNKNOWN: "no data"}
COMPARED = {
    SEEN: "seen in both", LOST: "newly hidden", WON: "newly seen", HIDDEN: "hidden in both",
    OUT: "out of range", UNKNOWN: "no data",
}  # fmt: skip
