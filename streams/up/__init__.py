"""The main job on this machine: broker, connector and workers, and a view of them."""
