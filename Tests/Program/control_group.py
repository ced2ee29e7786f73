"""Control groups named as systemd names those of its units, so that sockets have owners; where none may be made, everything stays where it is."""
import contextlib
import os
import pathlib
import time
import uuid

# Version 2 alone, or alongside version 1.
MOUNT_POINT = next((path for path in map(pathlib.Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")) if (path / "cgroup.procs").exists()), None)


class ControlGroups:
    """A folder of groups, gone at the end: the processes in them must have ended by then, or this process have left."""

    def __init__(self):
        self.folder = MOUNT_POINT / f"portpool-test-{uuid.uuid4().hex[:12]}" if MOUNT_POINT else None

    def __enter__(self):
        try:
            self.folder.mkdir()
        except (AttributeError, OSError):
            self.folder = None
        else:
            before = next(line[3:] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
            self.before = MOUNT_POINT / before.lstrip("/")
        return self

    def __exit__(self, *_):
        if not self.folder:
            return
        (self.before / "cgroup.procs").write_text("0")
        deadline = time.monotonic() + 10
        while self.folder.exists():
            for group in [*self.folder.iterdir(), self.folder]:
                # A process that has ended is in its group for a moment longer.
                with contextlib.suppress(OSError):
                    group.rmdir() if group.is_dir() else None
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.folder} is still in use")
            time.sleep(0.02)

    def join(self, name):
        """Moves this process: what it opens from now on belongs to the unit `name`. Also for `preexec_fn`."""
        if self.folder:
            group = self.folder / name
            group.mkdir(exist_ok=True)
            (group / "cgroup.procs").write_text(str(os.getpid()))


@contextlib.contextmanager
def memory_limit(pid):
    """Moves a process into a control group of its own; gives a function that lets it have so many more bytes than the group has by then.

    `OSError` where there is no memory controller, or no right to use it.
    """
    v1 = pathlib.Path("/sys/fs/cgroup/memory")
    base, limit, usage = (v1, "memory.limit_in_bytes", "memory.usage_in_bytes") if v1.is_dir() else (MOUNT_POINT, "memory.max", "memory.current")
    if not base:
        raise OSError("no control groups")
    group = base / f"portpool-test-{uuid.uuid4().hex[:12]}"
    group.mkdir()
    try:
        (group / limit).read_text()
        (group / "cgroup.procs").write_text(str(pid))
        yield lambda more: (group / limit).write_text(str(int((group / usage).read_text()) + more))
    finally:
        deadline = time.monotonic() + 10
        while group.exists():
            # A process that has ended is in its group for a moment longer.
            with contextlib.suppress(OSError):
                group.rmdir()
            if time.monotonic() > deadline:
                raise AssertionError(f"{group} is still in use")
            time.sleep(0.02)
