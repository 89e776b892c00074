"""The shadow diagram: what it asks, its ground and outlines, and the words on its sheet."""
