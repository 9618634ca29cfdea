"""No command opens a network connection, whatever its inputs name."""
import json
import os
import shutil
import subprocess
import unittest

from bad_input import BadInputTest
from support import KINFLOW


class NoNetwork(BadInputTest):
    def trace(self, *command):
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        log = self.dir / "trace"
        done = subprocess.run(["strace", "-f", "-e", "trace=socket,connect", "-o", str(log),
                               *map(str, command)], cwd=self.dir, text=True,
                              # LeakSanitizer cannot work below another tracer.
                              env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        text = log.read_text() if log.exists() else ""
        if "exited with" not in text:
            self.skipTest("strace is not permitted here")
        return done, text

    def test_no_socket(self):
        control = "import socket; socket.socket(socket.AF_INET).close()"
        self.assertIn("AF_INET", self.trace("/usr/bin/python3", "-c", control)[1])
        config = self.config(json.dumps(self.settings))
        ticket = '{"htsget": {"format": "VCF", "urls": [{"url": "http://127.0.0.1:9/x"}]}}'
        (self.dir / "ticket.vcf.gz").write_text(ticket)
        commands = [(("run", config.name), 0), (("validate", config.name), 0),
                    (("run", config.name, "--set", "input.genotypes=ticket.vcf.gz"), 4),
                    (("run", config.name, "--set", "input.genotypes=http://127.0.0.1:9/x.vcf"), 4),
                    (("doctor", "."), 0), (("--version", "--verbose"), 0)]
        for args, code in commands:
            with self.subTest(args=args):
                done, text = self.trace(KINFLOW, *args)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertNotRegex(text, r"AF_INET6?|AF_NETLINK|connect\(")


if __name__ == "__main__":
    unittest.main()
