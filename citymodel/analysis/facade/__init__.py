"""Sun on façades: where the points stand, what stops the rays, and the tables of a study."""
