"""What code in a sandbox has to be able to do; each prints ``fine`` at its end."""

# ruff: noqa: E501
from __future__ import annotations

from tests.sandbox.harmful import Probe

WORKS = (
    Probe("the standard library", "import csv, decimal, fractions, hashlib, re, statistics, zlib"),
    Probe("write and read a file", """
open("ä б 中.txt", "w").write("text")
assert open("ä б 中.txt").read() == "text" """),
    Probe("folders", """
os.makedirs("a/b"); os.rename("a", "c"); os.symlink("c", "link"); os.rmdir("link/b")"""),
    Probe("read what is readable", 'assert open(facts["readable"] + "/module.py").read()'),
    Probe("read the git history", 'assert os.listdir(".git")'),
    Probe("threads", """
done = []
threads = [threading.Thread(target=done.append, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
assert len(done) == 8"""),
    Probe("another Python", """
import subprocess
assert subprocess.check_output([sys.executable, "-c", "print(6*7)"]) == b"42\\n" """),
    Probe("other programs", """
import subprocess
assert b"sort" in subprocess.check_output("ls /usr/bin | grep ^sort", shell=True)"""),
    Probe("stop a program of its own", """
import subprocess
child = subprocess.Popen(["sleep", "20"]); child.terminate(); assert child.wait() == -15"""),
    Probe("temporary files", """
import tempfile
with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
    file.write(b"x"); open(folder + "/y", "w").close()"""),
    Probe("processes", """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]""",
          complete_only=True),
    Probe("a database", """
import sqlite3
base = sqlite3.connect("base.db"); base.execute("create table t (x)"); base.commit(); base.close()"""),
    Probe("coroutines", """
import asyncio
assert asyncio.run(asyncio.sleep(0.01, "x")) == "x" """),
    Probe("connected sockets", 'a, b = socket.socketpair(); a.send(b"x"); assert b.recv(1) == b"x"'),
    Probe("the time", "assert time.time() > 1.7e9 and time.localtime()"),
    Probe("chance", "import random, secrets; assert len(secrets.token_bytes(8)) == 8"),
    Probe("archives", """
import zipfile
with zipfile.ZipFile("z.zip", "w") as z: z.writestr("a", "b")
assert zipfile.ZipFile("z.zip").read("a") == b"b" """),
    Probe("half a gigabyte", "assert len(bytearray(1 << 29)) == 1 << 29"),
    Probe("the folder it was taught", 'assert os.path.samefile("/mnt/data", ".")', complete_only=True),
)  # fmt: skip
