"""What the bot is measured by. Each module runs as ``python -m benchmarks.<name>``."""
