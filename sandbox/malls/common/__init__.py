"""What the simulated malls share: how a request is served, remembered and made to fail."""
