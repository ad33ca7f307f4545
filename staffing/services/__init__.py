"""Use cases. One function is one use case and one transaction; each change writes one journal entry."""
