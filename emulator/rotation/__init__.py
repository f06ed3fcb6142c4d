"""Rotations: their steps, retries, schedules and events."""
