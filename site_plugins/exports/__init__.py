"""Every table as a file for other tools: CSV, JSON and Parquet, and the page that explains each column."""
