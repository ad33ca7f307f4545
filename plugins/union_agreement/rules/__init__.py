"""What agreements say, as pure values and functions: clauses, agreements in force, and what they make of a case."""
