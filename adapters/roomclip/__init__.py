"""RoomClipショッピング, reached through the merchant's TEMPOSTAR file area."""
