"""Yahoo!オークション as a store uses it: screens for a person, files both ways, no API."""
