"""Floods: from a storm or a hydrograph to water in time, its maxima, its balance and whom it reaches."""
