"""futureshop: one shop through APIv2, or through CSV files."""
