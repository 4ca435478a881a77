"""Takes the pictures of `concepts.md` from a finished run: `make pictures`.

They are the run's own print figures, `eval/visualizations/`, with fewer colours, so that each is a small file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent
COLOURS = 40
PICTURES = {
    "concept-cosines.png": "comparison/cosine_distributions.png",
    "concept-training.png": "comparison/training_curves.png",
    "concept-map.png": "comparison/umap.png",
    "concept-clusters.png": "baseline/clusters.png",
    "concept-effect-size.png": "comparison/cohens_d.png",
    "concept-roc.png": "comparison/roc.png",
}


def main(figures: Path) -> None:
    """Write the pictures beside this file.

    Args:
        figures: The folder `eval/visualizations` of a run on the data set that ships.
    """
    for name, source in PICTURES.items():
        path = figures / source
        if not path.is_file():
            sys.exit(f"Error: {path}: no such file; make it with `make report` first")
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(COLOURS).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
