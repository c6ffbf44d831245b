"""What posts say of days and hours, beside the calendars of the election packs.

The words of each language are data: `words/*.toml`, in the notation of the word
lists. Other phrases (`vote on`, `polls close at`) stand in those lists.
"""

from streams.detect.almanac.almanac import MADE_CONCEPTS, STATED, Almanac

__all__ = ["MADE_CONCEPTS", "STATED", "Almanac"]
