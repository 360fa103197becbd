"""The model room: names become integers, and chance becomes fixed numbers."""
