"""A terminal that a test types into and looks at: bash in tmux, on a server of its own."""
import os
import pathlib
import subprocess
import tempfile
import uuid

import support


class Terminal:
    def __init__(self, columns=80, rows=24, term=None, **environment):
        self.name = f"portpool-{uuid.uuid4().hex[:12]}"
        self.folder = tempfile.TemporaryDirectory()
        # Nothing of what the test itself was started in decides what the program draws.
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        self.environment = kept | {
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
            # A crash shall leave a clean screen for the test to look at.
            "SWIFT_BACKTRACE": "enable=no"} | environment
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), "bash", "--norc", "--noprofile")
        self.type(f"PS1='ready> '; clear; export TERM={term or 'screen-256color'}")
        self.see("ready>", without=["bash"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-L", self.name, "kill-server"], capture_output=True)
        self.folder.cleanup()

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-u", "-L", self.name, "-f", "/dev/null", *words], env=self.environment, capture_output=True,
                              text=True, timeout=20)
        if done.returncode != 0:
            raise AssertionError(f"tmux {' '.join(words)}: {done.stderr}")
        return done.stdout

    def type(self, line):
        """Types a line and Enter."""
        self.tmux("send-keys", "-l", line)
        self.press("Enter")

    def press(self, *keys):
        """Presses keys by tmux's names: `q`, `Tab`, `C-z`."""
        self.tmux("send-keys", *keys)

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def see(self, *texts, without=(), seconds=30):
        """Waits until the screen has every one of `texts` and none of `without`, and gives it."""
        try:
            return support.until(lambda: (lambda s: s if all(t in s for t in texts) and not any(t in s for t in without) else None)(
                self.screen()), seconds=seconds, every=0.05)
        except AssertionError:
            raise AssertionError(f"not seen: {texts} without {without}:\n{self.screen()}") from None

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def ask(self, format):
        """What tmux knows: `#{cursor_flag}`."""
        return self.tmux("display-message", "-p", format).strip()

    def pid_of(self, name):
        """The program that runs in the foreground of the shell."""
        shell = self.ask("#{pane_pid}")
        found = subprocess.run(["pgrep", "-P", shell, "-x", name], capture_output=True, text=True).stdout.split()
        return int(found[0]) if found else None

    def settings(self):
        """What `stty -a` says at the prompt, the size apart."""
        file = pathlib.Path(self.folder.name) / f"stty-{uuid.uuid4().hex}"
        self.type(f"stty -a > {file}.part; mv {file}.part {file}")
        support.until(file.exists, seconds=20, every=0.02)
        return [field for field in file.read_text().replace("\n", " ").split(";") if "rows" not in field and "columns" not in field]
