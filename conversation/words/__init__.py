"""What customers' words say, read without a model, in three languages."""
