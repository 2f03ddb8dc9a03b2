"""Pages and API of the review service."""
