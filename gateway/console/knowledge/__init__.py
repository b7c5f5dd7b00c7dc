"""The knowledge editor: documents, their versions, what an edit would change, publishing and going back."""
