"""From what was understood and found to what will be said, asked or done."""
