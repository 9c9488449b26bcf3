"""The synchronisation itself: observe, record, decide, dispatch, project. Knows no system by its wire."""
