"""Draws the page and the terminal as they look on a host at work. See pictures."""
import os
import pathlib
import re
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

import support
from control_group import ControlGroups
from terminal import Terminal

PICTURES = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "pictures"
HOST, DATABASE, WEB, BACKEND, CACHE = "10.0.0.5", ("10.0.0.9", 5432), ("10.0.0.20", 443), ("10.0.0.30", 8080), ("fd00::9", 6379)
RESOLVER = "10.0.0.53", 53


# What the host does, each program under a name and in a unit of its own.

def hold(destination, count):
    return [socket.create_connection(destination) for _ in range(count)]


def shop():
    """A pool of connections to the database that grows, and short requests to a web service, which leave TIME_WAIT."""
    held, turn = hold(DATABASE, 11_600), 0
    print("ready", flush=True)
    while True:
        turn += 1
        held += hold(DATABASE, 2 + turn % 3)
        for _ in range(6):
            socket.create_connection(WEB).close()
        time.sleep(0.1)


def nginx():
    held = hold(BACKEND, 1800) + hold(CACHE, 350)
    print("ready", flush=True)
    signal.pause()
    return held


def grpc_server():
    """A server inside the pool, and the UDP sockets of its look-ups."""
    server = socket.create_server(("0.0.0.0", 50051))
    senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(12)]
    for sender in senders:
        sender.connect(RESOLVER)
    print("ready", flush=True)
    held = [senders]
    while True:
        held.append(server.accept())


def clients():
    """On another host."""
    held = hold((HOST, 50051), 3)
    print("ready", flush=True)
    signal.pause()
    return held


def peers():
    """The other hosts: they accept, and close what was closed."""
    selector = selectors.DefaultSelector()
    listeners = [socket.create_server(address, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET, backlog=4096)
                 for address in (DATABASE, WEB, BACKEND, CACHE)]
    for listener in listeners:
        selector.register(listener, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj in listeners:
                selector.register(key.fileobj.accept()[0], selectors.EVENT_READ)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()


PROGRAMS = {"shop": shop, "nginx": nginx, "grpc-server": grpc_server, "clients": clients, "peers": peers}


# What is drawn.

COLORS = ["#171b21", "#f2495c", "#73bf69", "#fade2a", "#5794f2", "#b877d9", "#6ed0e0", "#d8d9da",
          "#8e8e99", "#ff7383", "#96d98d", "#ffee52", "#8ab8ff", "#ca95e5", "#8fe3f0", "#ffffff"]


def color(codes):
    """One of the 256 colours, or one of 16 million."""
    if codes[0] == 2:
        return "#%02x%02x%02x" % tuple(codes[1:4])
    number = codes[1]
    if number < 16:
        return COLORS[number]
    if number >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (number - 232),) * 3)
    levels = [0, 95, 135, 175, 215, 255]
    return "#%02x%02x%02x" % (levels[(number - 16) // 36], levels[(number - 16) // 6 % 6], levels[(number - 16) % 6])


class Pen:
    """What the escape sequences of a terminal have set."""

    def __init__(self):
        self.ink, self.paper, self.bold, self.faint, self.reverse = None, None, False, False, False

    def take(self, sequence):
        codes = [int(code or 0) for code in sequence.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code in (1, 2, 7):
                self.bold, self.faint, self.reverse = self.bold or code == 1, self.faint or code == 2, self.reverse or code == 7
            elif code == 22:
                self.bold = self.faint = False
            elif code == 27:
                self.reverse = False
            elif code in (38, 48):
                count = 2 if codes[0] == 5 else 4
                setattr(self, "ink" if code == 38 else "paper", color(codes[:count]))
                del codes[:count]
            elif code in (39, 49):
                setattr(self, "ink" if code == 39 else "paper", None)
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.ink = COLORS[code - 30 if code < 90 else code - 82]
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.paper = COLORS[code - 40 if code < 100 else code - 92]
            else:
                raise ValueError(f"escape sequence {sequence}")


def draw_terminal(text, picture):
    """Draws a screen, escape sequences included, character by character."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont
    lines = text.rstrip("\n").split("\n")
    folder = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    plain, bold = (ImageFont.truetype(folder / f"DejaVuSansMono{style}.ttf", 15) for style in ("", "-Bold"))
    width, height, margin = 9, 18, 12
    columns = max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines)
    image = Image.new("RGB", (columns * width + 2 * margin, len(lines) * height + 2 * margin), COLORS[0])
    canvas = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        pen, column = Pen(), 0
        for escape, character in re.findall(r"\x1b\[([\d;]*)m|([^\x1b])", line):
            if not character:
                pen.take(escape)
                continue
            ink, paper = pen.ink or (COLORS[8] if pen.faint else COLORS[7]), pen.paper or COLORS[0]
            if pen.reverse:
                ink, paper = paper, ink
            x, y = margin + column * width, margin + row * height
            canvas.rectangle((x, y, x + width - 1, y + height - 1), fill=paper)
            eighths = "▏▎▍▌▋▊▉█".find(character) + 1
            if eighths:  # to the edges of its cell, which no glyph reaches
                canvas.rectangle((x, y + 2, x + width * eighths / 8 - 1, y + height - 3), fill=ink)
            else:
                canvas.text((x, y), character, fill=ink, font=bold if pen.bold else plain)
            column += 1
    save(image, picture)


def save(image, picture):
    from PIL import Image
    # The tree keeps the colours that few pixels have; the other ways make them one with what is near.
    image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=0).save(PICTURES / picture, optimize=True)


def draw_page(url, picture):
    from PIL import Image
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                        f"--user-data-dir={folder}/profile", "--virtual-time-budget=2000", "--window-size=1000,1500",
                        f"--screenshot={folder}/page.png", url], check=True, capture_output=True, timeout=120)
        with Image.open(f"{folder}/page.png") as image:
            save(image.crop((0, 0, 1000, 1325)), picture)  # the map of UDP and the tables are below


def run(*command):
    subprocess.run(command, check=True)


class Host:
    """Programs under names and in units of their own, with the other hosts in a namespace at the end of a wire."""

    def __init__(self, groups, folder):
        self.groups, self.folder, self.programs = groups, folder, []

    def __enter__(self):
        own = os.readlink("/proc/self/ns/net")
        beyond = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.programs.append(beyond)
        support.until(lambda: os.readlink(f"/proc/{beyond.pid}/ns/net") != own, every=0.02)
        there = ["nsenter", f"--net=/proc/{beyond.pid}/ns/net"]
        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", str(beyond.pid))
        for prefix, addresses in ([], [HOST, "fd00::5"]), (there, [DATABASE[0], WEB[0], BACKEND[0], CACHE[0], RESOLVER[0]]):
            for address in addresses:
                run(*prefix, "ip", "address", "add", f"{address}/{64 if ':' in address else 24}", "dev", "eth0", *(["nodad"] if ":" in address else []))
            for link in ("lo", "eth0"):
                run(*prefix, "ip", "link", "set", link, "up")
        self.there = there
        self.start("peers", *there)
        return self

    def start(self, name, *prefix):
        """Starts one of PROGRAMS and waits until it is at work."""
        program = pathlib.Path(self.folder) / name
        program.symlink_to(os.path.realpath(sys.executable))
        process = subprocess.Popen([*prefix, program, pathlib.Path(__file__).name, name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: self.groups.join(f"{name}.service"))
        self.programs.append(process)
        if process.stdout.readline() != "ready\n":
            raise AssertionError(f"{name} did not get ready")

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.kill()
            program.wait()


def main():
    PICTURES.mkdir(exist_ok=True)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ["PATH"] = f"{pathlib.Path(support.BINARY).parent}:{os.environ['PATH']}"
    with ControlGroups() as groups, tempfile.TemporaryDirectory() as folder, Host(groups, folder) as host:
        for name in ("nginx", "grpc-server", "shop"):
            host.start(name)
        host.start("clients", *host.there)
        with Terminal(columns=120, rows=36) as terminal, support.exporter("--collector.owners", port=10097) as exporter:
            terminal.type("PS1='$ '; clear; portpool top --collector.owners")
            terminal.see("5432")
            time.sleep(60)  # for curves that show something
            draw_terminal(terminal.screen("-e"), "top.png")
            terminal.press("q")
            terminal.see("$", without=["5432"])
            terminal.resize(180, 36)
            terminal.type("clear")
            terminal.type("portpool explain 50051")
            terminal.see("WHAT HELPS")
            time.sleep(1)
            draw_terminal(terminal.screen("-e").rstrip().removesuffix("$").rstrip(), "explain.png")
            draw_page(f"http://127.0.0.1:{exporter.port}/", "page.png")


if __name__ == "__main__":
    PROGRAMS[sys.argv[1]]() if sys.argv[1:] else main()
