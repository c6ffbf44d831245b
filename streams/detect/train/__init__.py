"""Training of the detector's models: `python -m streams.detect.train FOLDER`."""
