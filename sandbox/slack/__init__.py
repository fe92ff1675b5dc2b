"""A strict Slack workspace on loopback: the Web API, Socket Mode, and hands that type and click."""
