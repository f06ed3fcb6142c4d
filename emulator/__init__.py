"""An AWS emulator that rotates secrets: ministack, plus what rotations need.

docs/assumptions.md lists the assumptions that the comments name by their ids.

Layers, from top to bottom. A module imports from lower layers and from its own folder.

1. __main__           prepares the process
2. server             serves HTTP
3. install, control_endpoints  replaces functions of ministack; what tests control
4. faults, services   faults; changes to other AWS services
5. actions            actions of the Secrets Manager API
6. rotation, iam      rotations and their schedules; decisions of IAM
7. secrets            secrets, versions, staging labels
8. clock
"""
