"""The trained models: what they read, how they are put together and run."""
