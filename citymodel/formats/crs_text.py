"""From the CRS as a file describes it (WKT) to the text "EPSG:H[+V]", with a warning where that loses something."""

from __future__ import annotations

import re

from citymodel.report import Report

_NAMED = re.compile(r"EPSG:\d{4,5}(\+\d{4,5})?")


def wkt_text(wkt: str, report: Report) -> str | None:
    """ "EPSG:H" or "EPSG:H+V" of a WKT text; None, and a warning, where the register has no such system."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    from citymodel.geo import crs_text, normalise_crs

    try:
        crs = CRS.from_wkt(wkt)
    except CRSError:
        report.add("unreadable-crs", wkt[:80])
        return None
    if _NAMED.fullmatch(crs.name):  # programs that lost all but the name of the system
        return normalise_crs(crs.name)[0]
    text = crs_text(crs)
    if text is None:
        report.add("crs-without-epsg-code", crs.name)
    elif crs.is_compound and "+" not in text:
        report.add("vertical-crs-without-epsg-code", crs.sub_crs_list[-1].name)
    return text
