"""Looking ahead: what each person could do and by which steps, and what lapses in the coming days."""
