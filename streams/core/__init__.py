"""Pure values and functions: values in, values out; no clock, no chance, no I/O, no Kafka."""
