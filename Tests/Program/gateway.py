"""A gateway with clients behind it: the calling namespace translates what comes out of another one."""
import os
import subprocess

import support

OUTSIDE = "10.2.0.1"
CLIENTS = [f"10.1.0.{last}" for last in range(2, 10)]


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}: {done.stderr}")


def insert_failed():
    """Connections that found no port, and were dropped, since the namespace is there."""
    with open("/proc/net/stat/nf_conntrack") as file:
        names, *rows = (line.split() for line in file)
    return sum(int(row[names.index("insert_failed")], 16) for row in rows)


def tracked():
    """Entries that connection tracking has in the calling namespace."""
    with open("/proc/sys/net/netfilter/nf_conntrack_count") as file:
        return int(file.read())


class Gateway:
    """The calling namespace as a gateway with `OUTSIDE` for its address, between a namespace of clients and one of servers.

    `inside` and `outside` are what a command begins with to run there.
    """

    def __init__(self, servers):
        self.servers, self.programs = servers, []

    def __enter__(self):
        try:
            self.inside, self.outside = self.namespace("in0"), self.namespace("out0")
            for device, address in ("in0", "10.1.0.1"), ("out0", OUTSIDE):
                run("ip", "address", "add", f"{address}/24", "dev", device)
                run("ip", "link", "set", device, "up")
            for there, addresses in (self.inside, CLIENTS), (self.outside, self.servers):
                for address in addresses:
                    run(*there, "ip", "address", "add", f"{address}/24", "dev", "eth0")
                run(*there, "ip", "link", "set", "eth0", "up")
            run(*self.inside, "ip", "route", "add", "default", "via", "10.1.0.1")
            support.sysctl("ipv4/ip_forward", 1)
        except BaseException:
            self.__exit__()
            raise
        return self

    def namespace(self, device):
        """A namespace at the end of a wire from `device`."""
        own = os.readlink("/proc/self/ns/net")
        program = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.programs.append(program)
        support.until(lambda: os.readlink(f"/proc/{program.pid}/ns/net") != own, every=0.02)
        run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", str(program.pid))
        return ["nsenter", f"--net=/proc/{program.pid}/ns/net"]

    def translate(self, statement):
        """What leaves is translated as `statement` of nftables says, and in no other way."""
        rules = f"table ip nat {{}}\nflush table ip nat\ntable ip nat {{\nchain post {{\ntype nat hook postrouting priority srcnat\n" \
                f"oifname \"out0\" {statement}\n}}\n}}\n"
        run("nft", "-f", "-", input=rules)

    def __exit__(self, *_):
        # With a namespace its end of the wire would go too, but later.
        for device in "in0", "out0":
            subprocess.run(["ip", "link", "delete", device], stderr=subprocess.DEVNULL)
        for program in reversed(self.programs):
            program.kill()
            program.wait()
