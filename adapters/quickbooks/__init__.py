"""QuickBooks Online as the engine meets it, and a strict stand-in of it."""
