"""What is made of the query pack for Azure, by the names of the files it is kept in."""

import json
from collections.abc import Mapping
from pathlib import Path

from observability.azure.rules import RULES, terraform
from observability.azure.workbook import workbook
from shared.traces_pack import read_pack

FILES = Path(__file__).parent


def made() -> Mapping[str, str]:
    """Name and text of each file."""
    pack = read_pack()
    documents = {"workbook.json": workbook(pack), "main.tf.json": terraform(RULES, pack)}
    return {
        name: json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        for name, document in documents.items()
    }
