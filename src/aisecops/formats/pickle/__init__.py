"""The pickle machine, walked without building a value."""
