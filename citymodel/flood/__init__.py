"""What the study of a flood and its file share: the run's times and outcome, hazard ratings, maps and tables."""
