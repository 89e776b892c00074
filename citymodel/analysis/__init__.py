"""What can be asked of the city, one file an analysis."""
