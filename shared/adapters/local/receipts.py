"""Signs receipts with a key made from the vault's."""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import structs

from shared.adapters.local.key_file import KeyFile
from shared.ports.rights import Receipt


@dataclass(frozen=True)
class LocalReceiptBook:
    """`ReceiptBook` under the key in `key_file`."""

    key_file: Path

    def sign(self, receipt: Receipt) -> Receipt:
        """The receipt with its signature."""
        return structs.replace(receipt, signature=self._signature(receipt))

    def genuine(self, receipt: Receipt) -> bool:
        """Whether this installation signed it as it is."""
        return hmac.compare_digest(receipt.signature.encode(), self._signature(receipt).encode())

    def _signature(self, receipt: Receipt) -> str:
        fields = msgspec.to_builtins(structs.replace(receipt, signature=""))
        for name in ("by", "purpose"):
            if not fields[name]:
                del fields[name]  # receipts of before have none, and stay genuine
        # Sorted: counts that were read from a file stand in any order.
        said = msgspec.json.encode(fields, order="sorted")
        key = KeyFile(self.key_file).read().receipt
        return hmac.digest(key, said, hashlib.sha256).hex()
