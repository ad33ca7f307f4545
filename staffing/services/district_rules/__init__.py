"""Which rules count in a district: its overlays and waivers, what a change of them would do, and making it."""
