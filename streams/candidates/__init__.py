"""Claims that match nothing known, clustered across languages: the fact-checkers' queue."""
