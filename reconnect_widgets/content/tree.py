"""YAML text to plain Python values, with the line of each: the part that meets hostile input.

What belongs here: what YAML may be used in a pack. What does not: what the values mean.

A pack is data that somebody else may have written, so only a small YAML is read: mappings with
text keys, lists, and scalars. Anchors and aliases (which can blow a small file up to gigabytes),
tags, several documents and repeated keys are refused, and so is anything deep or huge. The values
are built from parser events in a loop, so no depth of nesting can exhaust the stack. Plain words
are read as in YAML 1.2: ``no`` is a word, ``0808`` is text, a date is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Trail = tuple[str | int, ...]

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_NODES = 20_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,15}")
_WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Tree:
    """The value of a pack, and the line on which each part of it stands.

    Attributes
    ----------
    lines
        By trail: for an entry of a mapping the line of its key, for an entry of a list the line
        on which it begins. Counted from 1.
    """

    value: Any
    lines: Mapping[Trail, int]

    def line_of(self, trail: Trail) -> int:
        """Return the line of this part, or of the nearest part around it."""
        while trail and trail not in self.lines:
            trail = trail[:-1]
        return self.lines.get(trail, 1)


class TreeError(Exception):
    """The text is not the small YAML that packs are written in."""

    def __init__(self, line: int, expected: str, found: str, trail: Trail = ()) -> None:
        super().__init__(f"line {line}: expected {expected}, found {found}")
        self.line, self.expected, self.found, self.trail = line, expected, found, trail


def decode(data: bytes) -> str:
    """Read the bytes of a pack as UTF-8; a byte order mark at the beginning is passed over.

    Raises
    ------
    TreeError
        If the bytes are too many, in another encoding, or hold a zero byte.
    """
    if len(data) > MAX_BYTES:
        raise TreeError(1, f"at most {MAX_BYTES // 1024} KiB", "a larger file")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TreeError(1, "text saved as UTF-8", "text saved as UTF-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{data[error.start]:02x}, which is not UTF-8"
        raise TreeError(line, "text saved as UTF-8", found) from None


def parse_tree(text: str) -> Tree:
    """Build the value and its lines.

    Raises
    ------
    TreeError
        With the line, what was expected and what was found.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TreeError(line, "printable characters", "a control character") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise TreeError(line, _expected(text, line), str(error.problem or "broken YAML")) from None
    return Tree(builder.value, builder.lines)


def _expected(text: str, line: int) -> str:
    """Say what to look for; the parser's own words are seldom enough for somebody who writes."""
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return "spaces at the beginning of the line, not a tab"
    return "well-formed YAML (a text with a colon or a quote in it needs quotes around it)"


@dataclass
class _Frame:
    """A mapping or list that is being filled."""

    value: dict[str, Any] | list[Any]
    trail: Trail
    key: str | None = None


@dataclass
class _Builder:
    value: Any = None
    lines: dict[Trail, int] = field(default_factory=dict)
    _stack: list[_Frame] = field(default_factory=list)
    _nodes: int = 0
    _documents: int = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise TreeError(line, "one document in a file", "a second one after ---")
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_extras(event, line)
            self._take_node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()

    def _refuse_extras(self, event: yaml.NodeEvent, line: int) -> None:
        trail = self._stack[-1].trail if self._stack else ()
        if isinstance(event, yaml.AliasEvent):
            raise TreeError(line, "the text itself", f"an alias, *{event.anchor}", trail)
        if event.anchor is not None:
            raise TreeError(line, "no anchors", f"an anchor, &{event.anchor}", trail)
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise TreeError(line, "no tags", f"the tag {tag}", trail)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TreeError(line, f"at most {MAX_NODES} entries", "more", trail)
        if len(self._stack) >= MAX_DEPTH:
            raise TreeError(line, f"at most {MAX_DEPTH} levels", "deeper nesting", trail)

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._take_key(frame, event, line)
            return
        trail: Trail = ()
        if frame is not None:
            last = frame.key if isinstance(frame.value, dict) else len(frame.value)
            trail = (*frame.trail, last) if last is not None else frame.trail
        self.lines.setdefault(trail, line)
        value: Any
        if isinstance(event, yaml.MappingStartEvent):
            value = {}
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
        else:
            value = _scalar(event)
        if frame is None:
            self.value = value
        elif isinstance(frame.value, list):
            frame.value.append(value)
        else:
            frame.value[str(frame.key)] = value
            frame.key = None
        if isinstance(event, yaml.CollectionStartEvent):
            self._stack.append(_Frame(value, trail))

    def _take_key(self, frame: _Frame, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise TreeError(line, "a word as key", "a list or mapping as key", frame.trail)
        key, trail = event.value, (*frame.trail, event.value)
        if key in frame.value:
            found = f"the key {key[:60]} again (first on line {self.lines[trail]})"
            raise TreeError(line, "each key once", found, frame.trail)
        self.lines[trail] = line
        frame.key = key


def _scalar(event: yaml.NodeEvent) -> Any:
    text = str(event.value)  # type: ignore[attr-defined]
    if not event.implicit[0]:  # type: ignore[attr-defined]  # quoted or a block: text as it is
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
