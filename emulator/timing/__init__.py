"""Time: a clock that a test can advance, and waiting for changes."""
