"""What code in a sandbox must not manage to do, as small programs that say so when they did.

Each gets ``facts`` (see ``suite``) and calls ``escaped()`` when it has got through. ``control``
marks those that do get through without walls, as any plain user: they show that a probe can fail.
"""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass

PRELUDE = '''
import ctypes, errno, json, os, resource, signal, socket, struct, sys, threading, time
facts = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
def escaped(): print("ESCAPED", flush=True)
def syscall(on_x86, on_arm, *words):
    return libc.syscall(on_x86 if x86 else on_arm, *words)
def reached(result):
    """Whether a system call was not refused as a whole."""
    return result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.EACCES)
def opens(path, mode="r"):
    with open(path, mode) as file:
        file.read() if mode == "r" else file.write("probe")
    escaped()
'''


@dataclass(frozen=True)
class Probe:
    """One attempt."""

    name: str
    code: str
    control: bool = False
    complete_only: bool = False
    """Whether only the complete tier has to hold it."""
    alone: bool = False
    """Whether it needs a sandbox of its own, because it uses one up."""


PROBES = (
    # files
    Probe("read the SSH key", 'opens(facts["home"] + "/.ssh/id_rsa")', control=True),
    Probe("list the home", 'os.listdir(facts["home"]); escaped()', control=True),
    Probe("read shadow", 'opens("/etc/shadow")'),
    Probe("read the users", 'opens("/etc/passwd")', control=True),
    Probe("write a start-up file", 'opens(facts["home"] + "/.bashrc", "a")', control=True),
    Probe("write our settings", 'opens(facts["config"] + "/settings.toml", "a")', control=True),
    Probe("write the interpreter", 'opens(facts["readable"] + "/sitecustomize.py", "w")', control=True),
    Probe("write programs", 'opens("/usr/local/bin/probe", "w")'),
    Probe("leave by a symlink", 'os.symlink(facts["home"] + "/.bashrc", "way"); opens("way", "a")', control=True),
    Probe("leave by a hard link", 'os.link(facts["home"] + "/.bashrc", "same"); escaped()', control=True),
    Probe("leave by dots", 'opens("../home/.bashrc", "a")', control=True),
    Probe("leave by /proc", 'opens("/proc/1/root" + facts["home"] + "/.ssh/id_rsa")'),
    Probe("leave by a handle", 'b = ctypes.create_string_buffer(200); escaped() if reached(syscall(303, 264, -100, b"/usr", b, b, 0)) else 0', control=True),
    Probe("change outside attributes", 'os.chmod(facts["home"] + "/.bashrc", 0o666); escaped()', control=True),
    Probe("see that a file exists", 'escaped() if os.path.exists(facts["home"] + "/.ssh") else 0', control=True, complete_only=True),
    Probe("write a git hook", 'opens(".git/hooks/pre-commit", "w")', control=True, complete_only=True),
    Probe("write git's settings", 'opens(".git/config", "a")', control=True, complete_only=True),
    Probe("put another .git there", 'os.rename(".git", "old"); os.mkdir(".git"); escaped()', control=True, complete_only=True),
    Probe("make a .envrc", 'opens(".envrc", "w")', control=True, complete_only=True),
    Probe("make editor settings", 'os.makedirs(".vscode", exist_ok=True); opens(".vscode/tasks.json", "w")', control=True, complete_only=True),
    # network and sockets
    Probe("connect to loopback", 'socket.create_connection(("127.0.0.1", facts["port"]), 2); escaped()', control=True),
    Probe("send to loopback", 'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", facts["port"])); escaped()', control=True),
    Probe("open an outside connection", 's = socket.socket(); s.setblocking(False); s.connect_ex(("192.0.2.1", 80)); escaped()', control=True),
    Probe("listen", 's = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); escaped()', control=True),
    Probe("use IPv6", 'socket.socket(socket.AF_INET6); escaped()', control=True),
    Probe("connect to the bus", 's = socket.socket(socket.AF_UNIX); s.connect(facts["home"] + "/bus"); escaped()', control=True),
    Probe("connect to X", 's = socket.socket(socket.AF_UNIX); s.connect(facts["x"]); escaped()', control=True),
    Probe("connect to an abstract name", 's = socket.socket(socket.AF_UNIX); s.connect("\\0" + facts["abstract"]); escaped()', control=True),
    Probe("talk to the kernel's network", 'socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); escaped()', control=True),
    Probe("talk to the host of the machine", 'socket.socket(40, socket.SOCK_STREAM); escaped()'),
    Probe("use the kernel's ciphers", 'socket.socket(38, socket.SOCK_SEQPACKET); escaped()'),
    # the terminal
    Probe("open the terminal", 'opens("/dev/tty", "w")'),
    Probe("type into a terminal", '''
import fcntl, termios
master, slave = os.openpty()
os.setsid() if os.getsid(0) != os.getpid() else 0
fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
fcntl.ioctl(slave, 0x5412, b"x"); escaped()'''),
    # other processes
    Probe("kill a process", 'os.kill(facts["victim"], signal.SIGURG); escaped()', control=True),
    Probe("read a process's environment", '''
for entry in os.listdir("/proc"):
    try:
        if entry.isdigit() and facts["secret"].encode() in open(f"/proc/{entry}/environ", "rb").read(): escaped()
    except OSError: pass''', control=True),
    Probe("trace", 'escaped() if libc.ptrace(0, 0, 0, 0) == 0 else 0', control=True),
    Probe("read a process's memory", 'b = ctypes.create_string_buffer(64); escaped() if reached(syscall(310, 270, facts["victim"], b, 0, b, 0, 0)) else 0', control=True),
    Probe("take a descriptor", 'escaped() if reached(libc.syscall(438, 0, 0, 0)) else 0', control=True),
    Probe("find our environment", 'escaped() if facts["secret"] in repr(os.environ) else 0'),
    Probe("find our descriptors", '''
for number in range(3, 256):
    try: os.fstat(number)
    except OSError: continue
    escaped()'''),
    Probe("outlive us", '''
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in (0, 1, 2): os.close(fd)
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(20)", facts["marker"]])
    os._exit(0)
os.wait(); time.sleep(0.3)''', control=True, complete_only=True, alone=True),
    # namespaces, mounts, privileges
    Probe("make a namespace", 'escaped() if libc.unshare(0x10000000) == 0 else 0', control=True),
    Probe("be born in a namespace", '''
pid = syscall(56, 220, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0: os._exit(0)
escaped() if pid > 0 else 0''', control=True),
    Probe("be born in a namespace by clone3", '''
pid = libc.syscall(435, struct.pack("=QQQQQQQQ", 0x10000000, 0, 0, 0, 17, 0, 0, 0), ctypes.c_size_t(64))
if pid == 0: os._exit(0)
escaped() if pid > 0 else 0''', control=True),
    Probe("mount", 'escaped() if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0 else 0'),
    Probe("open a mount", 'escaped() if reached(libc.syscall(428, -100, b"/usr", 0x80000)) else 0', control=True),
    Probe("unmount", 'escaped() if libc.umount2(b".git", 2) == 0 or libc.umount2(b"/tmp", 2) == 0 else 0'),
    Probe("change the root", 'os.chroot("."); escaped()'),
    Probe("gain by setuid", 'escaped() if libc.prctl(39, 0, 0, 0, 0) != 1 else 0'),
    Probe("read devices", '''
for entry in ("mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop-control", "fuse", "kvm"):
    try: os.open("/dev/" + entry, os.O_RDONLY)
    except OSError: continue
    escaped()'''),
    Probe("make a device", 'os.mknod("disk", 0o60600, os.makedev(8, 0)); escaped()'),
    Probe("change the kernel", 'opens("/proc/sys/kernel/core_pattern", "w")'),
    Probe("rename the machine", 'socket.sethostname("probe"); escaped()'),
    # young and large parts of the kernel
    Probe("use the keyring", 'escaped() if reached(syscall(248, 217, b"user", b"probe", b"x", 1, -2)) else 0', control=True),
    Probe("use bpf", 'escaped() if reached(syscall(321, 280, 0, b"", 0)) else 0'),
    Probe("use io_uring", 'escaped() if reached(libc.syscall(425, 1, ctypes.create_string_buffer(256))) else 0', control=True),
    Probe("use userfaultfd", 'escaped() if reached(syscall(323, 282, 1)) else 0', control=True),
    Probe("use perf events", 'escaped() if syscall(298, 241, struct.pack("=II", 1, 112) + bytes(104), 0, -1, -1, 0) >= 0 else 0'),
    Probe("take another personality", 'escaped() if reached(syscall(135, 92, 0x0040000)) else 0', control=True),
    Probe("call by other numbers", 'escaped() if x86 and libc.syscall(0x40000000 + 39) > 0 else 0'),
    # use everything up
    Probe("fork without end", '''
born = 0
try:
    while born < 300:
        if os.fork() == 0: time.sleep(2); os._exit(0)
        born += 1
finally:
    escaped() if born >= 300 else 0''', alone=True),
    Probe("start threads without end", '''
born = 0
try:
    while born < 300:
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start(); born += 1
finally:
    escaped() if born >= 300 else os._exit(0)''', alone=True),
    Probe("take all memory", 'held = bytearray(facts["memory"] + (1 << 20)); escaped()'),
    Probe("write a huge file", 'file = open("huge", "w"); os.truncate(file.fileno(), facts["file"] + 1); escaped()'),
    Probe("fill /tmp", '''
taken = 0
while taken <= facts["temporary"]:
    with open(f"/tmp/{taken}", "wb") as file: taken += file.write(bytes(1 << 20))
escaped()''', complete_only=True, alone=True),
    Probe("fill shared memory", '''
taken = 0
while taken <= facts["temporary"]:
    with open(f"/dev/shm/{taken}", "wb") as file: taken += file.write(bytes(1 << 20))
escaped()''', alone=True),
    Probe("open files without end", '[os.dup(0) for _ in range(facts["open_files"])]; escaped()'),
    Probe("raise a limit", 'resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2); escaped()'),
)  # fmt: skip
