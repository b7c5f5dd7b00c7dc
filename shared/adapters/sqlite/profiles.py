"""What customers read of members of staff; part of the staff store's schema, whoever opens it first.

A table beside `members`, not columns in it: processes of the version before add rows of four columns to that,
and go on beside new ones while a shop is upgraded.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS member_profiles (
    member_id TEXT PRIMARY KEY, display TEXT NOT NULL, contact TEXT NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS profile_of_member AFTER DELETE ON members BEGIN
    DELETE FROM member_profiles WHERE member_id = OLD.id;
END;
"""
"""A member's change replaces the row in `members`, and fires no trigger of deletion."""
JOINED = "members AS m LEFT JOIN member_profiles AS p ON p.member_id = m.id"
DISPLAY = "COALESCE(p.display, '')"
CONTACT = "COALESCE(p.contact, '')"
KEEP = "REPLACE INTO member_profiles VALUES (?, ?, ?)"
