"""Tries to do harm. What works is told in lines that begin with HARM; the last line
says that all was tried. Each attempt is small enough to be survived where nothing stops it.

    harm.py KIND [ARGUMENT...]
"""
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time


def tries(what, attempt):
    """Says what worked. An attempt that comes to nothing may also return it."""
    try:
        got = attempt()
    except BaseException as refused:
        print("refused:", what, type(refused).__name__, refused)
        return
    if got is not False:
        print("HARM:", what, repr(got)[:200])


def secrets(*files):
    for name, value in os.environ.items():
        tries("our environment " + name, lambda: value if "SECRET" in name or "SECRET" in value else False)
    for file in files:
        tries("reading " + file, lambda: open(file).read(100))
        tries("listing beside " + file, lambda: os.listdir(os.path.dirname(file)))
    for file in ("/etc/shadow", "/etc/ssh/ssh_host_rsa_key", "/proc/kcore", "/proc/kpageflags", "/dev/mem", "/dev/vda", "/dev/sda"):
        tries("reading " + file, lambda: open(file, "rb").read(1) or False)
    for folder in ("/root", "/home", "/data", "/run/systemd", "/run/podman", "/sys/kernel/debug"):
        tries("listing " + folder, lambda: os.listdir(folder) or False)
    # Others' processes, and what they were told. Ours begin with 1.
    for pid in filter(str.isdigit, os.listdir("/proc")):
        tries("process " + pid, lambda: b"go-build" in open(f"/proc/{pid}/cmdline", "rb").read() or b".test" in open(f"/proc/{pid}/cmdline", "rb").read())


def network(port, path):
    def connect(family, address):
        with socket.socket(family) as s:
            s.settimeout(3)
            s.connect(address)

    tries("loopback", lambda: connect(socket.AF_INET, ("127.0.0.1", int(port))))
    tries("loopback, version 6", lambda: connect(socket.AF_INET6, ("::1", int(port))))
    tries("elsewhere", lambda: connect(socket.AF_INET, ("192.0.2.1", 80)))
    tries("a socket in a folder", lambda: connect(socket.AF_UNIX, path))
    tries("an abstract socket", lambda: connect(socket.AF_UNIX, "\0" + path))
    tries("packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    tries("other devices than lo", lambda: [name for _, name in socket.if_nameindex() if name != "lo"] or False)


def write(*files):
    for file in files:
        tries("writing " + file, lambda: open(file, "w").write("harm"))
        tries("removing " + file, lambda: os.remove(file))
        tries("a file beside " + file, lambda: open(file + ".harm", "w").write("harm"))
    for folder in ("/", "/usr", "/usr/lib", "/etc", "/dev", "/proc", "/sys", "/run", "/var", "/var/tmp", "/home", "/root"):
        tries("a file in " + folder, lambda: open(os.path.join(folder, "harm"), "w"))
    # They are opened, and nothing is written.
    for file in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/proc/mtrr", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/pids/pids.max"):
        tries("opening " + file, lambda: open(file, "r+b", buffering=0))
    libc = ctypes.CDLL(None, use_errno=True)
    for folder in (b"/", b"/usr", b"/proc/sys", b"/dev"):
        tries(f"mounting {folder} anew", lambda: libc.mount(None, folder, None, 0x20 | 0x1000, None) == 0)
    tries("another user", lambda: os.setuid(0) if os.getuid() else False)
    tries("a device", lambda: os.mknod("/scratch/harm", 0o600 | 0x2000, os.makedev(1, 1)))


def namespaces():
    libc = ctypes.CDLL(None, use_errno=True)
    for name, flag in (("users", 0x10000000), ("mounts", 0x20000), ("networks", 0x40000000)):
        tries("a namespace of " + name, lambda: libc.unshare(flag) == 0)


def links(victim):
    """Leaves links in the places of its own folders, which whoever follows them writes elsewhere."""
    for name in (".tmp", ".shm"):
        os.rmdir("/scratch/" + name)
        os.symlink(victim, "/scratch/" + name)
    os.symlink(victim, "/scratch/output")
    tries("following a link", lambda: open("/scratch/output/harm", "w"))


def fork(marker):
    made = 0
    try:
        while made < 2000:
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", marker])
            made += 1
    except OSError as refused:
        print("refused: process", made, refused)
    else:
        print("HARM:", made, "processes")
    print("tried", flush=True)
    time.sleep(1000)


def fill():
    """Writes up to 1 GB into many files, of which some are deleted and held open."""
    for n in range(64):
        with open(f"/scratch/{n % 2 and 'tmp-' or ''}{n}", "wb") as f:
            for _ in range(16):
                f.write(bytes(1 << 20))
    print("HARM: the disk is full")


def memory():
    """Takes 10 GB, which a small machine refuses at once, or 3 bit by bit."""
    try:
        block = bytearray(10 << 30)
    except MemoryError:
        block = None
    blocks = []
    for n in range(0, 3 << 30, 1 << 20):
        if block is None:
            blocks.append(bytearray(b"x" * (1 << 20)))
        else:
            block[n : n + (1 << 20)] = b"x" * (1 << 20)
    print("HARM: took 3 GB")


def children():
    """Takes 1.5 GB by children, who have it for as long as their parent lives."""
    r, w = os.pipe()
    ready, done = os.pipe()
    children = 12
    for n in range(children):
        if os.fork() == 0:
            os.close(w)
            block = bytearray(128 << 20)
            for at in range(0, len(block), 4096):
                block[at] = 1
            os.write(done, b"x")
            os.read(r, 1)
            os._exit(0)
    os.close(done)
    took = 0
    ended = 0
    while took + ended < children:
        ended += os.waitpid(-1, os.WNOHANG)[0] != 0
        took += select.select([ready], [], [], 0.01)[0] != [] and len(os.read(ready, 1))
    if ended == 0:
        print("HARM: children took 1.5 GB")
    print("refused:", ended, "children were ended")
    sys.exit(1)


def stubborn(marker):
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    print("tried", flush=True)
    while True:
        pass


def leave(marker):
    """Leaves children who have left the session, and which hold the output."""
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(1000)", marker])
            os._exit(0)
    print("tried", flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
    print("tried", flush=True)
