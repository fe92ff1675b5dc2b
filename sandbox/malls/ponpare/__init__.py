"""ポンパレモール as a merchant reaches it: CSV files over FTPS, and nothing that can be asked (spec 1)."""
