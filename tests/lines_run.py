"""Work counted in lines that run: no clock is asked, so a slow machine changes nothing."""

import sys


def lines_run(work):
    """Return how many lines of Python run while `work` is called."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
