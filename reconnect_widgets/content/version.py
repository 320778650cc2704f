"""The version of the words, as every recorded row carries it."""

from __future__ import annotations

# Raise it whenever a word changes that a person reads before answering: a row of the record is
# only understood with the wording it answers. A test holds it to the wording.
CONTENT_VERSION = "en-1.1.0"
