"""Reads that do not return, as those of a dead network file system or a stuck disk: fanotify(7) asks a program whether a file may be read, and
the program that is asked here says nothing until the test lets go."""
import contextlib
import ctypes
import os
import pathlib
import tempfile

LIBC = ctypes.CDLL(None, use_errno=True)
FAN_CLASS_CONTENT, FAN_CLOEXEC, FAN_MARK_ADD, FAN_ACCESS_PERM = 0x04, 0x01, 0x01, 0x20000
COPIED = ["net/tcp", "net/tcp6", "net/udp", "net/udp6", "net/sockstat", "net/sockstat6"] + [
    f"sys/net/ipv4/{name}" for name in ("ip_local_port_range", "ip_local_reserved_ports", "tcp_tw_reuse", "tcp_timestamps")]


class Held:
    """Files whose reading waits until `release`, or the end of this process."""

    def __init__(self, *paths):
        self.group = LIBC.fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, os.O_RDONLY | os.O_CLOEXEC)
        if self.group < 0:
            raise OSError(ctypes.get_errno(), "fanotify_init")
        for path in paths:
            if LIBC.fanotify_mark(self.group, FAN_MARK_ADD, ctypes.c_uint64(FAN_ACCESS_PERM), -100, str(path).encode()) != 0:
                raise OSError(ctypes.get_errno(), f"fanotify_mark {path}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()

    def release(self):
        """What waits is allowed, and so is what comes."""
        if self.group >= 0:
            os.close(self.group)
            self.group = -1


@contextlib.contextmanager
def process_file_system():
    """A copy of /proc as far as the exporter reads it, where reading can be held up."""
    with tempfile.TemporaryDirectory(prefix="portpool-test-") as folder:
        root = pathlib.Path(folder)
        for name in COPIED:
            with contextlib.suppress(FileNotFoundError):
                text = pathlib.Path("/proc", name).read_text()
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
        yield root


def refusal():
    """Why reads cannot be held up here; `None` if they can."""
    with tempfile.NamedTemporaryFile() as file:
        try:
            Held(file.name).release()
        except OSError as error:
            return f"{error}: it takes root, and a kernel with CONFIG_FANOTIFY_ACCESS_PERMISSIONS"
    return None
