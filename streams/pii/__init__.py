"""Personal data in texts: pure recognisers, one kind of value a file. A text in, spans out; no value ever leaves."""
