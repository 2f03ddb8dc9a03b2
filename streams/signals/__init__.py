"""What a text and its conversation show beside the words themselves: signals, severities, context."""
