"""A program that ends as badly as one can: a thread and then itself, with a credential in their hands."""

import faulthandler
import sys
import threading

from adapters.secret import Secret
from bot.logs import Redaction, set_up_logging


def hold(value, carry):
    """Fail with a value in a variable and in the words of the error."""
    header = f"Bearer {value}"
    carry(value, header)


def refuse(value, header):
    """Fail as a library does that tells what it was given."""
    raise ValueError(f"refused: {value!r} {header}")


class Holder:
    """What fails when it is thrown away."""

    def __init__(self, value):
        self.value = value

    def __del__(self):
        refuse(self.value, f"Bearer {self.value}")


def main():
    """Take a value from standard input and crash with it."""
    redaction, value = Redaction(), sys.stdin.read()
    redaction.know(Secret(value))
    set_up_logging(redaction)
    carrier = threading.Thread(target=hold, args=(value, refuse), name="carrier")
    carrier.start()
    carrier.join()
    Holder(value)
    hold(value, lambda _value, _header: faulthandler.dump_traceback(all_threads=True))
    hold(value, refuse)


if __name__ == "__main__":
    main()
