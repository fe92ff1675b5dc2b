"""楽天市場 (RMS WEB SERVICE) as one shop sees it, on loopback."""
