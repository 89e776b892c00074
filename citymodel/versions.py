"""The versions of Python and of the libraries that numbers come from."""

from __future__ import annotations

import platform

LIBRARIES = ("citymodel", "numpy", "numba", "pvlib", "pyproj")


def versions() -> dict[str, str]:
    """Of Python and of the libraries that numbers come from."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
