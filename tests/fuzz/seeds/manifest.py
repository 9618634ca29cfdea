"""Records of the store, without checksums: the harness puts them in."""

import json

DIGEST = "00112233445566778899aabbccddeeff"


def make(seeds):
    side = {"name": "shard-00000.h5", "digest": DIGEST, "bytes": 3, "rows": 5}
    manifest = {"format": 1, "stage": "qc", "kind": "qc", "version": 3, "key": DIGEST, "options": {"a": 1}, "inputs": {"x": "y"}, "shards": [side],
                "content_digest": DIGEST, "timings": {"s": 1.5}, "program": "p", "warnings": ["w"]}
    lock = {"host": "h", "pid": 1, "start_time": "5", "boot_id": "b", "pid_namespace": "n", "slurm_job": ""}
    cache = {"files": [{"device": 1, "inode": 2, "size": 3, "mtime_ns": 4, "ctime_ns": 5, "digest": DIGEST}]}

    def add(value):
        seeds.add(json.dumps(value))

    for good in (side, manifest, lock, cache):
        add(good)
        for key in good:
            add({k: v for k, v in good.items() if k != key})
            for value in (None, -1, 1.5, "x", [], {}, [1], 2 ** 64 - 1, 1e300):
                add({**good, key: value})
    for text in ("", "{", "[]", "{}", "null", '"a"', '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 500 + "]" * 500, '{"checksum": "x"}', '{"checksum": 1}',
                 '{"x": ' + "[" * 300 + "]" * 300 + "}", '{"a": 1e999}', '{"a": "\x1b"}'):
        seeds.add(text)
    seeds.add(b'{"a": "\xff"}')
    add({**manifest, "options": "text"})
    add({**manifest, "options": {"b": 1, "a": 2.50}})
