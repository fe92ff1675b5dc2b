"""ポンパレモール, by CSV files over FTPS. Archived by default: the mall has probably closed."""
