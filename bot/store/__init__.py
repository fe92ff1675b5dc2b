"""What is kept under ``state/``: one module per kind of record, one database."""
