"""The only module of ours that a plugin imports."""
