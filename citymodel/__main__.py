"""``python -m citymodel``: the command line, and the doctor even where nothing is installed."""

from __future__ import annotations

import importlib.util
import sys


def main() -> None:
    """Run the command line; without click only ``doctor`` can answer, and says what to install."""
    if importlib.util.find_spec("click") is None or sys.argv[1:2] == ["doctor"]:
        from citymodel import doctor

        if sys.argv[1:2] == ["doctor"]:
            doctor.main(sys.argv[2:])
        print("error: the package click is missing; run ./dev doctor to see what else is", file=sys.stderr)
        sys.exit(1)
    from citymodel.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
