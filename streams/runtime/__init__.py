"""What Faust lacks: batches, fenced tables, followed topics, deadlines, a crash-only worker."""
