"""Chapter: what of the flood was not compared with anything, and why."""

from __future__ import annotations

from citymodel.validation.page import Chapter, Place, table

TITLE = "Flood: what was not compared"
OPEN = (
    ("25 blocks", "the experiment's gauges", "not among the files; schemes and cell sizes beside each other"),
    ("Agency's test 5", "the curves of other packages", "published as pictures; no figures we were sure of"),
    ("Agency's tests 1 to 4", "terrains and series of the files", "not at hand; rebuilt from words, verdicts by words"),
    ("Agency's tests 6 to 8", "physical dam break, river and floodplain, rain and sewer in a city",
     "not rebuilt: their terrains and series cannot be had from a description"),
    ("column", "the first blow's peak", "outside depth-averaged equations; shown, without a bound"),
    ("TRITON's case400", "TRITON's result", "none among the files; beside critical flow"),
    ("three humps", "depths", "the description gives times only"),
    ("Newcastle", "observed depths", "none exist for this storm, which is made up"),
    ("infiltration", "field data", "formulas are tested against their closed forms, no plot of ground was measured"),
    ("culverts", "a flume", "free flow, invert and capacity are tested, no measurement was at hand"),
    ("CUDA", "a GPU", "its source runs on the CPU in the tests, to the same bits; this page was made on the CPU"),
    ("water against bridge decks, pressure flow, debris, erosion, pipes", "anything", "not in the model"),
)  # fmt: skip


def chapter(place: Place) -> Chapter:
    """The list."""
    text = [
        (
            "A validation is worth what it leaves out. These parts of the flood stand without an outside comparison "
            "on this page:"
        ),
        table(("part", "not compared with", "why, and what stands instead"), OPEN, left=3),
    ]
    return Chapter(TITLE, text)
