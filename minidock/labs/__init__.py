"""Labs: a question, a skeleton with holes, and what must be true of the answer."""
