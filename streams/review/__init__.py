"""The review service beside its pages: Kafka into the store, rulings out of it, and the process that does both."""
