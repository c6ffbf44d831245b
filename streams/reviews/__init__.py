"""Reviews for people: what waits for one, what was decided, and writing a decision."""
