"""The least that Django can do: the reference project of the figures that ask over HTTP, and of a start."""
