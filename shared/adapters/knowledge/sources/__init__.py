"""Where documents come from: each kind of place is one file of this folder."""

from shared.adapters.knowledge.sources.source import (
    MOST_BYTES,
    MOST_FILES,
    DocumentSource,
    Listed,
    Listing,
    is_wanted,
)

__all__ = ["MOST_BYTES", "MOST_FILES", "DocumentSource", "Listed", "Listing", "is_wanted"]
