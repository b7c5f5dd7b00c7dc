"""What holds for every test."""

import os

# A shop of a test keeps no traces unless the test is about them: each would start a service of its own.
os.environ.setdefault("TRACES_URL", "off")
