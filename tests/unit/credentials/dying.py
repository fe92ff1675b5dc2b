"""A process that dies at a line of its own choosing."""

import os
import sys


def run_until(line, work, place="/bot/credentials/"):
    """Fork, do the work and die at the given line of the code under ``place``; True if it died."""
    pid = os.fork()
    if pid == 0:
        left = line

        def trace(frame, event, _argument):
            nonlocal left
            if place not in frame.f_code.co_filename:
                return None
            left -= event == "line"
            if left < 0:
                os._exit(9)
            return trace

        try:
            sys.settrace(trace)
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
