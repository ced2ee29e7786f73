import Endpoint
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct SystemdTests {
  @Test("the sockets handed over are counted from 3 and keep their names")
  func handedOver() throws {
    let addresses = try InheritedSockets.parse(pid: "42", count: "3", names: "metrics:", own: 42)
    #expect(
      addresses == [
        .inherited(descriptor: 3, name: "metrics"), .inherited(descriptor: 4, name: "unknown"), .inherited(descriptor: 5, name: "unknown"),
      ])
  }

  @Test(
    "variables that are missing or meant for another process are refused with the flag",
    arguments: [
      (nil, nil, "LISTEN_FDS is not set"), ("42", nil, "LISTEN_FDS is not set"), ("41", "1", "another process"), ("42", "0", "\"0\""),
      ("42", "-1", "\"-1\""), ("42", "x", "\"x\""), ("42", "1000", "\"1000\""), ("", "1", "another process"),
    ] as [(String?, String?, String)])
  func notHandedOver(pid: String?, count: String?, problem: String) {
    #expect {
      try InheritedSockets.parse(pid: pid, count: count, names: nil, own: 42)
    } throws: { String(describing: $0).contains("--web.systemd-socket: ") && String(describing: $0).contains(problem) }
  }

  @Test("a socket that was handed over is served")
  func serves() async throws {
    let listener = try TestSocket.listener(SocketAddress("127.0.0.1"))
    try await TestServer.run(listen: [.inherited(descriptor: dup(listener.descriptor), name: "metrics")]) { server in
      #expect(server.port == listener.localAddress.map { Int($0.port) })
      let status = try await server.get("/-/healthy").status
      #expect(status == 200)
    }
  }

  @Test("the manager hears of start, reload, life and end", arguments: [false, true])
  func notifies(isAbstract: Bool) async throws {
    let path = "/tmp/portpool-notify-\(UUID().uuidString.prefix(8))"
    let manager = try TestSocket.unixReceiver(isAbstract ? "@\(path)" : path)
    defer { _ = unsafe unlink(path) }
    let notifier = try #require(
      ServiceNotifier(socket: isAbstract ? "@\(path)" : path, watchdogMicroseconds: "200000", watchdogPID: nil, own: 1))
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)], notifier: notifier)
    let endpoint = Endpoint(configuration: configuration, content: .sample(), log: LogRecorder().log)
    let running = Task { try await endpoint.run() }
    #expect(await eventually { endpoint.boundAddresses.count == 1 })
    let heard = Mutex<[String]>([])
    #expect(
      await eventually {
        heard.withLock { heard in
          heard += manager.receiveDatagrams()
          return heard.count { $0 == "WATCHDOG=1" } >= 3
        }
      })
    endpoint.reload()
    endpoint.shutdown()
    try await running.value
    let messages = heard.withLock { $0 } + manager.receiveDatagrams()
    let port = messages.first { $0.hasPrefix("READY=1\nSTATUS=Serving on 127.0.0.1:") }
    #expect(port != nil)
    let reloading = try #require(messages.firstIndex { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
    #expect(messages[reloading...].contains { $0.hasPrefix("READY=1") })
    #expect(messages.last { $0 != "WATCHDOG=1" } == "STOPPING=1")
  }

  @Test("the manager hears what hangs; while nothing at all can be collected, it hears no sign of life", arguments: [false, true])
  func hears(isTotal: Bool) async throws {
    let name = "@portpool-notify-\(UUID().uuidString.prefix(8))"
    let manager = try TestSocket.unixReceiver(name)
    let notifier = try #require(ServiceNotifier(socket: name, watchdogMicroseconds: "50000", watchdogPID: nil, own: 1))
    let configuration = try EndpointConfiguration(listenAddresses: [.host("127.0.0.1", port: 0)], notifier: notifier)
    let hindrance = Mutex<Hindrance?>(Hindrance(reason: "tcp has hung for 35 s", isTotal: isTotal))
    var content = EndpointContent.sample()
    content.hindrance = { hindrance.withLock { $0 } }
    let endpoint = Endpoint(configuration: configuration, content: content, log: LogRecorder().log)
    let running = Task { try await endpoint.run() }
    let heard = Mutex<[String]>([])
    func hears(_ message: String, times: Int = 1) async -> Bool {
      await eventually {
        heard.withLock { heard in
          heard += manager.receiveDatagrams()
          return heard.count { $0.hasPrefix(message) } >= times
        }
      }
    }
    #expect(await hears("STATUS=Serving in part: tcp has hung for 35 s"))
    if isTotal {
      hindrance.withLock { $0 = Hindrance(reason: "tcp has hung for 70 s", isTotal: true) }
      #expect(await hears("STATUS=Serving in part: tcp has hung for 70 s"))
      #expect(heard.withLock { !$0.contains("WATCHDOG=1") })
      hindrance.withLock { $0 = nil }
    }
    #expect(await hears("WATCHDOG=1", times: 2))
    hindrance.withLock { $0 = nil }
    #expect(await hears("STATUS=Serving on 127.0.0.1:"))
    endpoint.shutdown()
    try await running.value
  }

  @Test("a manager that reads nothing holds up nobody, and a name that is too long costs no descriptor")
  func unread() throws {
    let name = "@portpool-notify-\(UUID().uuidString.prefix(8))"
    let manager = try TestSocket.unixReceiver(name)
    let notifier = try #require(ServiceNotifier(socket: name, watchdogMicroseconds: nil, watchdogPID: nil, own: 1))
    for _ in 0..<2000 { notifier.alive() }
    let heard = manager.receiveDatagrams().count
    #expect(heard > 0 && heard < 2000)
    let long = try #require(
      ServiceNotifier(socket: "/" + String(repeating: "a", count: 200), watchdogMicroseconds: nil, watchdogPID: nil, own: 1))
    let next = dup(0)
    close(next)
    for _ in 0..<100 { long.alive() }
    // The kernel gives out the lowest number that is free; other tests open a few.
    let after = dup(0)
    close(after)
    #expect(after < next + 50)
  }

  @Test("without a manager nothing is told, and a watchdog for another process is not ours")
  func noManager() {
    #expect(ServiceNotifier(socket: nil, watchdogMicroseconds: nil, watchdogPID: nil, own: 1) == nil)
    #expect(ServiceNotifier(socket: "relative", watchdogMicroseconds: nil, watchdogPID: nil, own: 1) == nil)
    #expect(ServiceNotifier(socket: "/a", watchdogMicroseconds: "5", watchdogPID: "2", own: 1)?.watchdogInterval == nil)
    #expect(ServiceNotifier(socket: "/a", watchdogMicroseconds: "5", watchdogPID: "1", own: 1)?.watchdogInterval == .microseconds(5))
    #expect(ServiceNotifier(socket: "/a", watchdogMicroseconds: "x", watchdogPID: nil, own: 1)?.watchdogInterval == nil)
  }
}
