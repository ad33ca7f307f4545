"""The domain: pure values and functions. No input or output, no framework, no clock."""
