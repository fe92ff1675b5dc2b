"""RoomClipショッピング as a merchant reaches it: through TEMPOSTAR's files in an FTPS area."""
