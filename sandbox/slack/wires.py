"""Both ways to the bot as one: posts while the app has a request URL, else sockets. Source: spec 2."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.slack.posts import PostTransport
from sandbox.slack.sockets import SocketTransport
from sandbox.slack.transport import Acknowledgements, Json, Outcome, Parcel


@dataclass(frozen=True)
class Wires:
    """What carries parcels, and what came of them."""

    sockets: SocketTransport
    posts: PostTransport
    acks: Acknowledgements

    def deliver(self, parcel: Parcel) -> Outcome:
        """Send and wait for the acknowledgement; never called on the event loop."""
        return (self.posts if self.posts.url else self.sockets).deliver(parcel)

    def connections(self) -> list[Json]:
        """Describe the ways that are open: the request URL, or each socket."""
        return [{"url": self.posts.url}] if self.posts.url else self.sockets.connections()
