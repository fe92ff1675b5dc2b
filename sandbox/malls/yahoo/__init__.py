"""A shop on Yahoo!ショッピング: YConnect, the store API over TLS, orders, and the hands of its people."""
