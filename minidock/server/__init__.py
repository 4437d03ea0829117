"""The engine on a socket: who listens, who is answered, and the page at /ui."""
