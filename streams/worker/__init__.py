"""The Faust shell around the pure detector and label decisions: one process a worker."""
