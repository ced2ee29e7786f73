"""`portpool top`: whatever ends or interrupts it, the terminal is as it was."""
import fcntl
import os
import pathlib
import pty
import signal
import struct
import termios
import time
import unittest

import support
from terminal import Terminal
from top import FAST


class Endings(unittest.TestCase):
    def end(self, act, status):
        """`act` on the running program; then the terminal must be as it was and the shell must have seen `status`."""
        with Terminal() as terminal:
            before = terminal.settings()
            terminal.type("echo what stood here before")
            terminal.type(FAST)
            terminal.see("TUPLES", "q quit")
            self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on}"), "0 1")
            act(terminal)
            terminal.see("what stood here before", "ready>", without=["TUPLES"])
            terminal.type("echo status=$?")
            terminal.see(f"status={status}")
            self.assertEqual(terminal.settings(), before)
            self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on} #{wrap_flag}"), "1 0 1")

    def test_interrupt(self):
        """Ctrl-C quits"""
        self.end(lambda terminal: terminal.press("C-c"), 0)

    def test_signals(self):
        """a signal that ends it gives the terminal back, and the shell learns of the signal"""
        for by in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(by=by.name):
                self.end(lambda terminal: os.kill(terminal.pid_of("portpool"), by), 128 + by)

    def test_crashes(self):
        """a crash gives the terminal back too"""
        for by in (signal.SIGSEGV, signal.SIGABRT, signal.SIGILL):
            with self.subTest(by=by.name):
                self.end(lambda terminal: os.kill(terminal.pid_of("portpool"), by), 128 + by)

    def test_signal_while_help_is_open(self):
        """whatever is shown, a signal ends it"""
        def act(terminal):
            terminal.press("?")
            terminal.see("WORDS")
            os.kill(terminal.pid_of("portpool"), signal.SIGTERM)
        self.end(act, 143)

    def test_suspend(self):
        """Ctrl-Z gives the terminal to the shell, and fg takes it again"""
        with Terminal() as terminal:
            before = terminal.settings()
            terminal.type(FAST)
            terminal.see("TUPLES", "q quit")
            for _ in range(3):
                terminal.press("C-z")
                terminal.see("Stopped", without=["TUPLES"])
                self.assertEqual(terminal.settings(), before)
                self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on}"), "1 0")
                terminal.type("fg")
                terminal.see("TUPLES", "q quit")
                self.assertEqual(terminal.ask("#{cursor_flag} #{alternate_on}"), "0 1")
            terminal.press("q")
            terminal.see("ready>", without=["TUPLES"])
            self.assertEqual(terminal.settings(), before)

    def test_stop_and_go(self):
        """after SIGSTOP, which nobody can see coming, SIGCONT draws it again"""
        with Terminal() as terminal:
            terminal.type(FAST)
            terminal.see("TUPLES", "q quit")
            pid = terminal.pid_of("portpool")
            os.kill(pid, signal.SIGSTOP)
            terminal.see("Stopped")
            terminal.type("fg")
            terminal.see("TUPLES", "q quit", without=["Stopped"])
            terminal.press("q")
            terminal.see("ready>", without=["TUPLES"])

    def test_suspend_without_shell(self):
        """where no shell could let it go on, as with `ssh HOST portpool top`, Ctrl-Z does not leave it hanging"""
        with Terminal() as terminal:
            terminal.type(f"exec {FAST}")
            terminal.see("TUPLES", "q quit")
            pid = int(terminal.ask("#{pane_pid}"))
            terminal.press("C-z")
            terminal.press("?")
            terminal.see("WORDS")
            self.assertNotIn("T (stopped)", pathlib.Path(f"/proc/{pid}/status").read_text())

    def test_stuck_terminal(self):
        """a terminal that takes nothing any more, at the end of a dead line, does not keep it from ending"""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(support.BINARY, [support.BINARY, "top", "--interval", "100ms"], {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
        try:
            before = termios.tcgetattr(terminal)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 250, 0, 0))
            support.until(lambda: termios.tcgetattr(terminal)[3] != before[3], seconds=20, every=0.02)
            # Nobody reads, and each Ctrl-L asks for a whole frame again: more than the kernel keeps for a reader.
            for _ in range(100):
                os.write(terminal, b"\x0c")
                time.sleep(0.03)
            os.kill(pid, signal.SIGTERM)
            support.until(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), seconds=20, every=0.05)
            self.assertEqual(termios.tcgetattr(terminal), before)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -signal.SIGTERM)
            pid = None
            written = b""
            while piece := self.rest(terminal):
                written += piece
            self.assertLess(written.count(b"\x1b[2J"), 60, "every frame was taken, so it never had to wait")
        finally:
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            os.close(terminal)

    @staticmethod
    def rest(terminal):
        try:
            return os.read(terminal, 1 << 16)
        except OSError:
            return b""

    def test_terminal_goes(self):
        """it ends when its terminal goes away"""
        with Terminal() as terminal:
            terminal.type(FAST)
            terminal.see("TUPLES")
            pid = terminal.pid_of("portpool")
            terminal.tmux("kill-server")
            support.until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), seconds=20)


if __name__ == "__main__":
    unittest.main()
