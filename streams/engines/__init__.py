"""Plug-ins that inspect content, one a file; each knows only the core."""
