"""Protected views: what rises above the plane between an assessment point and a landmark."""
