"""Reads packs from disk into `schema` values."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml

from reconnect_widgets.content.schema import (
    Contents,
    HelpLines,
    Instrument,
    Pack,
    Passages,
    PassagesPack,
    Sentences,
)
from reconnect_widgets.errors import ContentError

P = TypeVar("P", bound=Pack)
_PACKS = Path(__file__).parent / "packs" / "en"


def load_pack(path: Path, model: type[P]) -> P:
    return model.model_validate(  # type: ignore[return-value]
        yaml.safe_load(path.read_text("utf-8"))
    )


@lru_cache(maxsize=32)
def load_instrument(key: str = "checkup") -> Instrument:
    return Instrument.load(_PACKS / f"{key}.yaml")


@lru_cache(maxsize=32)
def load_sentences(key: str = "checkup") -> Sentences:
    return load_pack(_PACKS / f"{key}-sentences.yaml", Sentences)


@lru_cache(maxsize=1)
def load_contents() -> Contents:
    return load_pack(_PACKS / "contents.yaml", Contents)


@lru_cache(maxsize=32)
def load_passages(key: str) -> Passages:
    frame = load_contents().frame(key)
    if frame is None:
        raise ContentError(f"no exercise called {key}")
    return Passages(frame, load_pack(_PACKS / f"{key}.yaml", PassagesPack).steps)


@lru_cache(maxsize=1)
def load_help_lines() -> HelpLines:
    return load_pack(_PACKS / "help-lines.yaml", HelpLines)


def check_folder(folder: Path) -> list[ContentError]:
    return []
