"""Disguises of words undone: what people do to letters so that machines do not read them.

What is undone keeps its case and its accents; what is not disguised stays as
it was published. Every step is linear in the text, and what is looked up word
by word is bounded by the number of words.
"""

from streams.detect.disguises.undoing import undisguise, undo

__all__ = ["undisguise", "undo"]
