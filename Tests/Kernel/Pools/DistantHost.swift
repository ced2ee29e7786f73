import TestSupport

/// Another host at the end of a cable: a namespace of its own, whose server on ``address`` closes each connection when its client does.
struct DistantHost {
  /// The address of the test's namespace on the cable.
  static let near = "10.8.0.1"
  static let address = SocketAddress("10.8.0.2", 8080)

  private let server: ChildProgram

  /// Lays the cable from the calling thread's namespace.
  init(in namespace: NetworkNamespace, usesTimestamps: Bool) throws {
    server = try ChildProgram(
      "unshare", ["--net", "python3", "-c", Self.program, Self.address.host, "\(Self.address.port)", usesTimestamps ? "1" : "0"])
    try server.waitUntilItSays("apart")
    try namespace.ip("link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", "\(server.pid)")
    try namespace.ip("address", "add", "\(Self.near)/24", "dev", "near0")
    try namespace.ip("link", "set", "near0", "up")
    try server.waitUntilItSays("listening")
  }

  private static let program = """
    import select, socket, subprocess, sys, time
    print("apart", flush=True)
    host, port, timestamps = sys.argv[1:]
    while subprocess.run(["ip", "link", "show", "far0"], capture_output=True).returncode:
        time.sleep(0.01)
    subprocess.run(["ip", "address", "add", host + "/24", "dev", "far0"], check=True)
    subprocess.run(["ip", "link", "set", "far0", "up"], check=True)
    with open("/proc/sys/net/ipv4/tcp_timestamps", "w") as file:
        file.write(timestamps)
    server = socket.create_server((host, int(port)), backlog=4096)
    print("listening", flush=True)
    held = [server]
    while True:
        for ready in select.select(held, [], [])[0]:
            if ready is server:
                held.append(server.accept()[0])
            else:
                held.remove(ready)
                ready.close()
    """
}
