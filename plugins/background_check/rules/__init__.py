"""What is true of checks without a database: words, states, clocks, texts. Pure."""
