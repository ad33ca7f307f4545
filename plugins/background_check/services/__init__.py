"""What can be done with checks: one use case, one function, one transaction."""
