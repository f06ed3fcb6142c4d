"""An AWS emulator that rotates secrets.

ministack emulates the services; this package adds to it what a rotation needs and what it answers differently from
AWS. `python -m emulator --help` (with the parent folder on PYTHONPATH) tells how to start it; docs/local-cloud.md lists
every behaviour that is copied, where it is documented, and what is an assumption.
"""
