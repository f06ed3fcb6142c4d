"""Control of the emulator by tests: the endpoints under /_local/, and faults.

AWS has nothing like it.
"""
