"""Why a rule answers as it does for somebody, and what would change that."""
