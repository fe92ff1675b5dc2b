"""tanaban, the application: mapping, sync, state, credentials and the Slack face."""
