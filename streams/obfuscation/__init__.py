"""Obfuscation: what a text says to its reader, whatever it was written like."""
