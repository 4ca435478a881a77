"""The real command, in a process of its own, on bad input and in bad luck."""
