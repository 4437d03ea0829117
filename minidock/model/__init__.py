"""The values a World is made of; they know nothing of who changes them."""
