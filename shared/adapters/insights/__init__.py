"""Application Insights: what we send there, what we ask there, and the one that runs on this machine."""
