"""One module a verb of the command line, each with its click ``command``."""
