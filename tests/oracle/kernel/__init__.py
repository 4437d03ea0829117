"""The Linux kernel as an oracle: random hosts, built for real and asked who reaches whom."""
