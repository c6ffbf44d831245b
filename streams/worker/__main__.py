"""`python -m streams.worker`: run one label worker from the environment's settings."""

from __future__ import annotations

from streams.lifeline import watch_parent
from streams.logs import configure_logs
from streams.settings import Settings
from streams.worker.run import LabelWorker


def main() -> None:
    """Run one worker until it is told to stop."""
    settings = Settings()
    configure_logs(settings.log, worker=settings.worker.instance)
    watch_parent()
    LabelWorker(settings).run()


if __name__ == "__main__":
    main()
