"""楽天市場: the RMS WEB SERVICE of one shop."""
