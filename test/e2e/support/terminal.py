"""Runs a command in a pseudo-terminal of 80 columns, and types an answer after each question.

The first line of standard input is JSON: a list of questions and answers. The answer null closes
the terminal. Prints what the terminal
shows, and ends with the exit code of the command. Kills a command that waits too long.
"""

import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios

ROWS = 40
COLUMNS = 80
SECONDS = 180


def main() -> int:
    """Run the command of the arguments."""
    dialogue: list[tuple[str, str | None]] = json.loads(sys.stdin.readline())
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvp(sys.argv[1], sys.argv[1:])
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(SECONDS)
    shown = b""
    read_up_to = 0
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            # Linux reports the end of a terminal as an error, and a closed one too.
            break
        if not chunk:
            break
        shown += chunk
        while dialogue and dialogue[0][0].encode() in shown[read_up_to:]:
            read_up_to = len(shown)
            answer = dialogue.pop(0)[1]
            if answer is None:
                os.close(terminal)
            else:
                os.write(terminal, answer.encode())
    sys.stdout.write(shown.decode())
    sys.stdout.flush()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
