"""Real-time content moderation on Apache Kafka."""

__version__ = "0.1.0"
