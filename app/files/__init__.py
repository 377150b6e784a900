"""Files: the only door to the disk, what may come through it, and under which names."""
