"""ASGI: the messages of the server, and requests that the emulator sends to itself."""
