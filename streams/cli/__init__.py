"""The `moderation` command, one file per command group."""
