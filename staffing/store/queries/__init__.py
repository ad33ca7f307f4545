"""SQL that says more than a table select can: one module for each screen or list it serves."""
