"""The other parties, one a file: wire format, topics, policies, S3, https, schema registry."""
