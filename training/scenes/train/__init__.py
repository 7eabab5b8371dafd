"""Training loops: each can be stopped at any time and goes on when the same command is given again."""
