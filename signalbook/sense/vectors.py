"""Texts as points in a space of meaning, by the table of word pieces that the package ``wordllama`` ships.

An extra: ``pip install "signalbook[vectors]"``. A piece of a word has a row of 256 numbers (made from the input tables of large
language models, MIT), and a text is the mean, the most and the least of its pieces: so a word that nobody labelled stands near others that somebody did.

Only two files of the package are read, where it is installed. Its own loader is not used: it looks for the pieces in another
folder than the one they are shipped in, and would then fetch them. Nothing here makes a request.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

PIECE: Final = 256
SIZE: Final = 3 * PIECE
NAME: Final = "l2_supercat_256"
"""The table; a model that was learnt with it says so."""
INSTALL: Final = 'pip install "signalbook[vectors]"'
MOST_LETTERS: Final = 4_000


class MissingVectors(ValueError):  # noqa: N818 - said by what is missing
    """The extra is not installed, or is another version than the one that is known here."""


def of(texts: Sequence[str]) -> Any:
    """A row of ``SIZE`` numbers near one for each text; zeros for one without a word.

    Raises:
        MissingVectors: the extra is not installed.
    """
    import numpy as np

    pieces, table = _loaded()
    rows = np.zeros((len(texts), SIZE), np.float32)
    for number, text in enumerate(texts):
        found = pieces.encode(text[:MOST_LETTERS], add_special_tokens=False).ids
        if found:
            each = table[found].astype(np.float32)
            rows[number] = np.concatenate([each.mean(axis=0), each.max(axis=0), each.min(axis=0)])
    return rows


@functools.cache
def _loaded() -> tuple[Any, Any]:
    """What cuts texts into pieces, and the row of each piece."""
    import numpy as np

    try:
        from tokenizers import Tokenizer

        found = importlib.util.find_spec("wordllama")  # where it lies; it is not run
        folder = Path(next(iter(found.submodule_search_locations or ()))) if found else Path("wordllama")
        pieces = Tokenizer.from_str((folder / "tokenizers" / "l2_supercat_tokenizer_config.json").read_text("utf-8"))
        data = (folder / "weights" / f"{NAME}.safetensors").read_bytes()
    except (ImportError, OSError, StopIteration) as error:
        message = f"its vectors are not installed here; write: {INSTALL}"
        raise MissingVectors(message) from error
    try:
        # Eight bytes say how long the head is, the head where each table lies (safetensors, "Format").
        size = int.from_bytes(data[:8], "little")
        facts = json.loads(data[8 : 8 + size])["embedding.weight"]
        start, end = facts["data_offsets"]
        if facts["dtype"] != "F16" or facts["shape"][1] != PIECE or facts["shape"][0] < pieces.get_vocab_size():
            raise ValueError(facts)
        table = np.frombuffer(data[8 + size + start : 8 + size + end], np.float16).reshape(facts["shape"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        message = f"the installed vectors have another form than is known here; write: {INSTALL}"
        raise MissingVectors(message) from error
    return pieces, table
