"""Types a password at a terminal into the program named by the arguments, and prints all that is to be seen there."""

import os
import pty
import sys
import termios
import time

LOCAL_MODES = 3  # Of what tcgetattr returns.
PATIENCE = 60  # Seconds.

process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[1], sys.argv[1:])
# What is typed before the program is ready for it is shown by the terminal.
end = time.monotonic() + PATIENCE
while termios.tcgetattr(terminal)[LOCAL_MODES] & termios.ECHO:
    assert time.monotonic() < end, "the terminal would show the password"
os.write(terminal, b"correct horse\n")
seen = b""
try:
    while part := os.read(terminal, 4096):
        seen += part
except OSError:
    pass  # How Linux says that nothing follows.
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
