"""The sun of a year: what is asked, the light as tables over the horizon, and the study."""
