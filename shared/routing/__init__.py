"""Where a case waits, who may take it, how long that takes: pure functions over data that a lead edits."""
