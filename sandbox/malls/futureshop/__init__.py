"""futureshop (APIv2 and its stock files) as one shop sees it, on loopback."""
