"""Amazon.co.jp on loopback: the Selling Partner API, its token endpoint and its file store."""
