"""Who sees a proposal: from which ground, façades and homes, how much of it, and what it newly hides."""
