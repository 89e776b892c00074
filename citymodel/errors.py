"""The tree of errors: one root, and narrow children that say what failed, where, and what to do.

CityModelError
├── FormatError(path, where, what)   a file cannot be read as what it claims to be
├── CrsError                         a coordinate system is missing, unknown or unfit
├── ParameterError                   a value a person gave is out of range or of the wrong form
├── MissingPart                      a library, driver or device that a function needs is absent
├── ResourceError                    the work would not fit into memory or onto the disk
├── RanAway(time, x, y)              a simulation left what its equations can say
└── Cancelled                        a person stopped the work
"""

from __future__ import annotations

from pathlib import Path


class CityModelError(Exception):
    """Root of all errors this program raises on purpose; its text is one plain line."""


class FormatError(CityModelError, ValueError):
    """A file cannot be read as what it claims to be.

    Parameters
    ----------
    path : the file
    where : line, byte offset, element or record, "" when the whole file is meant
    what : what is wrong, and what to do about it
    """

    def __init__(self, path: str | Path, where: str, what: str) -> None:
        self.path, self.where, self.what = str(path), where, what
        super().__init__(": ".join(part for part in (self.path, where, what) if part))


class CrsError(CityModelError, ValueError):
    """A coordinate reference system is missing, unknown or unfit for the question."""


class ParameterError(CityModelError, ValueError):
    """A value is out of range or of the wrong form."""


class MissingPart(CityModelError, ImportError):
    """A library, driver or device that a function needs is absent."""


class ResourceError(CityModelError, MemoryError):
    """The work would not fit into memory or onto the disk."""


class RanAway(CityModelError, ArithmeticError):
    """A simulation left what its equations can say; what it had computed before is kept.

    Parameters
    ----------
    time : seconds since its start
    x, y : the place, in the CRS of the data
    """

    def __init__(self, message: str, time: float, x: float, y: float) -> None:
        self.time, self.x, self.y = time, x, y
        super().__init__(message)


class Cancelled(CityModelError):
    """A person stopped the work."""
