"""Formats that posts are kept in: one pure parser module each."""
