"""Stands in for azure.storage.blob of 2018 where there are folders in place of containers.

A script that reads its model and its data by BlockBlobService, and writes its
predictions by it, runs as it is with this folder on PYTHONPATH: the config that it is
given names folders as its containers.
"""

from pathlib import Path


class Blob:
    """What was read."""

    def __init__(self, name, content):
        self.name = name
        self.content = content


class BlockBlobService:
    """Containers are folders, whatever the account is."""

    def __init__(self, account_name=None, account_key=None, **_):
        self.account_name = account_name

    def get_blob_to_bytes(self, container_name, blob_name, **_):
        return Blob(blob_name, Path(container_name, blob_name).read_bytes())

    def get_blob_to_text(self, container_name, blob_name, encoding="utf-8", **_):
        return Blob(blob_name, Path(container_name, blob_name).read_text(encoding))

    def create_blob_from_bytes(self, container_name, blob_name, blob, **_):
        Path(container_name, blob_name).write_bytes(blob)

    def create_blob_from_text(self, container_name, blob_name, text, encoding="utf-8", **_):
        Path(container_name, blob_name).write_text(text, encoding)
