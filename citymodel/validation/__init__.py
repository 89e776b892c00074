"""The validation page: one module a chapter, each measures, states its bounds and says whether they hold."""
