"""Fills pools of translated ports with real packets, and draws how often the kernel found no port next to how often it should. See pictures.

Each pool is filled in steps. Before and after each, `portpool snapshot` says the chance that a new connection finds no port; in between, the gateway
counts how many of the step's packets it dropped. With `fully-random` ports are searched for every client. Without it, clients keep their own port
while it is free: the first ones fill a block, as those of Linux do with their default range, and those after them find their own ports taken.
"""
import itertools
import json
import pathlib
import subprocess
import sys

import gateway
import support

PICTURE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "pictures" / "snat.png"
SERVER = "10.2.0.100"
# The ports of the pool, how often it is filled, and in how many steps.
POOLS = {1000: (range(20000, 21000), 20, 50), 64512: (range(1024, 65536), 3, 60)}
# What of the pool the clients' own ports are: 32768-60999 of 1024-65535.
BLOCK = 28232 / 64512, (32768 - 1024) / 64512

SENDER = """
import socket, sys
for line in sys.stdin:
    client, first, count = line.split()
    for port in range(int(first), int(first) + int(count)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((client, port))
            sender.sendto(b"x", ("%s", 9000))
    print("sent", flush=True)
""" % SERVER


class Sender:
    """Datagrams of the clients, each from a port of its own."""

    def __init__(self, inside):
        self.process = subprocess.Popen([*inside, sys.executable, "-c", SENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, client, first, count):
        self.process.stdin.write(f"{client} {first} {count}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "sent\n"

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def flows(ports):
    """Every source that is asked for, in turn: each port of each client."""
    for client in gateway.CLIENTS:
        for port in ports:
            yield client, port


def send(sender, source, count):
    for client, sources in itertools.groupby(itertools.islice(source, count), key=lambda one: one[0]):
        ports = [port for _, port in sources]
        sender.send(client, ports[0], len(ports))


def predicted(capacity):
    """The share of the pool that is used, and the chance of failure."""
    text, _ = support.portpool("snapshot", "--format", "json", "--collector.snat")
    tuples = [t for t in json.loads(text)["namespaces"][0]["snat"]["tuples"] if (t["destination"], t["port"]) == (SERVER, 9000)]
    if not tuples:
        return 0, 0
    assert tuples[0]["capacity"] == capacity, tuples[0]
    return tuples[0]["used"] / capacity, tuples[0]["failure"]


def fill(sender, ports, is_kept, steps):
    """One filling: of each step the mean fill, the mean prediction, the packets and the drops."""
    gateway.run("conntrack", "-F")
    capacity, points = len(ports), []
    own = ports
    if is_kept:
        start = ports[0] + round(BLOCK[1] * capacity)
        own = range(start, start + round(BLOCK[0] * capacity))
    source = flows(own)
    # While clients keep their ports nothing is searched for, and at random nothing fails.
    send(sender, source, len(own) if is_kept else capacity // 2)
    dropped = gateway.insert_failed()
    before = predicted(capacity)
    size = capacity // steps
    while before[0] < 0.99:
        send(sender, source, size)
        after, now = predicted(capacity), gateway.insert_failed()
        points.append(((before[0] + after[0]) / 2, (before[1] + after[1]) / 2, size, now - dropped))
        before, dropped = after, now
    return points


def together(runs, width):
    """The steps of several fillings by fill: fill, predicted, measured, and the packets that were sent."""
    bins = {}
    for share, chance, sent, drops in sum(runs, []):
        bins.setdefault(int(share / width), []).append((share, chance, sent, drops))
    rows = []
    for _, points in sorted(bins.items()):
        sent = sum(point[2] for point in points)
        mean = lambda index: sum(point[index] * point[2] for point in points) / sent
        rows.append((mean(0), mean(1), sum(point[3] for point in points) / sent, sent))
    return rows


def draw(curves):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plot
    figure, panels = plot.subplots(1, len(POOLS), figsize=(11, 4.2), dpi=100, sharey=True)
    for axes, capacity in zip(panels, POOLS):
        for is_kept, color, name in ((False, "#3274d9", "fully-random"), (True, "#e0752d", "own ports kept")):
            rows = [row for row in curves[capacity, is_kept] if row[1] > 0 or row[2] > 0]
            axes.plot([row[0] for row in rows], [row[1] for row in rows], color=color, linewidth=1.5, label=f"{name}: predicted")
            seen = [row for row in rows if row[2] > 0]
            # Two thirds of such counts lie so far from what they are a sample of.
            error = [(row[2] * (1 - row[2]) / row[3]) ** 0.5 for row in seen]
            axes.errorbar([row[0] for row in seen], [row[2] for row in seen], yerr=error, color=color, fmt="o", markersize=3.5, linewidth=0.8,
                          label=f"{name}: measured")
        axes.set_yscale("log")
        axes.set_ylim(1e-4, 1.2)
        axes.set_xlim(0.4, 1)
        axes.set_title(f"{capacity:,} ports", fontsize=10)
        axes.set_xlabel("share of the ports in use")
        axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        axes.yaxis.set_major_formatter(lambda chance, _: f"{chance * 100:g}%")
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.axhline(0.001, color="#c4162a", linewidth=0.8, linestyle="--")
        axes.text(0.41, 0.00112, "PortPoolSnatSearchFails", color="#c4162a", fontsize=7.5)
    panels[0].set_ylabel("new connections that find no port")
    panels[0].legend(fontsize=8, loc="upper left")
    figure.tight_layout()
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE)


def main():
    curves = {}
    with gateway.Gateway([SERVER]) as lab:
        # Nobody answers there: a datagram that arrives has done what it is for.
        gateway.run(*lab.outside, "nft", "-f", "-", input="table ip quiet {\nchain in {\ntype filter hook input priority 0\nudp dport 9000 drop\n}\n}\n")
        sender = Sender(lab.inside)
        for capacity, (ports, times, steps) in POOLS.items():
            for is_kept in (False, True):
                lab.translate(f"meta l4proto udp snat to {gateway.OUTSIDE}:{ports[0]}-{ports[-1]}" + ("" if is_kept else " fully-random"))
                for name in ("udp_timeout", "udp_timeout_stream"):
                    support.sysctl(f"netfilter/nf_conntrack_{name}", 3600)
                curves[capacity, is_kept] = together([fill(sender, ports, is_kept, steps) for _ in range(times)], 1 / steps)
                print(f"{capacity} ports, {'kept' if is_kept else 'random'}: fill, predicted, measured, packets", flush=True)
                for row in curves[capacity, is_kept]:
                    print(f"  {row[0]:.3f}  {row[1]:.5f}  {row[2]:.5f}  {row[3]}", flush=True)
        sender.close()
    draw(curves)


if __name__ == "__main__":
    main()
