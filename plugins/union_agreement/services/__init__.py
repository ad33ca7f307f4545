"""Use cases of agreements: one function, one transaction."""
