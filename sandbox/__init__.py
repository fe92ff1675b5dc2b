"""A small world on loopback: malls on their real wires, a Slack workspace, a git forge, shoppers."""
