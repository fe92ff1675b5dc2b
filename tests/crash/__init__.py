"""The state folder under kills, full disks, failing disks and power cuts, at every system call."""
