"""What a laptop needs: a real Kafka without a container, an S3 server, a sample feed."""
