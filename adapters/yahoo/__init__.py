"""Yahoo!ショッピング: one shop through the store API (ストア向けAPI)."""
