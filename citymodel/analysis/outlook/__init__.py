"""The view from a window: shares of sky, green, water, buildings and ground by solid angle."""
