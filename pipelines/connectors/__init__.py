"""One file a service: what it says, as our records."""
