"""What may be done: the playbooks and limits that a support lead edits, and how they are read."""
