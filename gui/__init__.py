"""The window: shows the project, issues commands; no computation, no format, no kernel call."""
