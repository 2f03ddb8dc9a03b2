"""What text engines share of neural networks: weights, encoder, hashed n-grams, heads. Knows only the core."""
