"""`moderation models train`: labelled texts in, the heads of the text model and their card out. Not needed to run."""
