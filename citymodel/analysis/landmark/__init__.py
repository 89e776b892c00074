"""The view of a landmark from façades: what of it each window sees, and who loses or gains it by a proposal."""
