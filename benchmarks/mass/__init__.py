"""Deciding for a million people: the same invented people for our evaluator, for SQL and for other engines."""
