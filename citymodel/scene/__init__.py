"""The picture: a document at a moment resolved to a frozen state, diffed into actors."""
