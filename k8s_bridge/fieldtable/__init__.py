"""What becomes of every Compose key and every flag of docker run, by trying each."""
