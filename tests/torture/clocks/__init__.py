"""Clocks that differ between processes, jump, or go on while nobody works."""
