"""Control endpoints and faults for tests. AWS has neither."""
