"""What clients of the mock Application Insights are configured with; imports nothing, so it costs nothing."""

KEY = "8b1c5b8e-6b0f-4e2a-9a3c-2f6b1f4d7e10"
"""The instrumentation key, which is no secret."""
WORKSPACE = "c0ffee00-5b7e-4c52-9d5e-0d7a4f3b2a11"
RESOURCE = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local"
    "/providers/microsoft.insights/components/answer-desk"
)
DAMAGED = "move it away to begin anew"
"""What the service says, before it ends, of a file in which nothing can be read any more."""
AUDIENCES = ("https://api.loganalytics.io", "https://api.loganalytics.azure.com")


def connection_string(place: str, *, key: str = KEY) -> str:
    """What an exporter is configured with to send to `place` (`http://127.0.0.1:9001`)."""
    return f"InstrumentationKey={key};IngestionEndpoint={place}/;LiveEndpoint={place}/"
