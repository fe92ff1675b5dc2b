"""Yahoo!オークション (ヤフオク!): delegated listings, or auctions by files that a person carries."""
