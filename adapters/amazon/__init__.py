"""Amazon.co.jp, through the Selling Partner API."""
