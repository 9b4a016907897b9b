"""The model: documents, records, the Book, and what can be asked of them."""
