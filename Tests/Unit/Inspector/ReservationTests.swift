import Foundation
import Inspector
import PortModel
import TestSupport
import Testing

@Suite("Lists of reserved ports")
struct ReservationTests {
  private static func every(_ step: Int, count: Int) -> PortSet {
    var ports = PortSet()
    for number in 0..<count { ports.insert(Port(10001 + step * number)) }
    return ports
  }

  @Test(
    "that fit are written port by port, and longer ones with their closest neighbours joined",
    arguments: [(682, 4091, 0), (683, 4097, 2), (1200, 7199, 519), (20000, 119_999, 19319)])
  func length(count: Int, full: Int, joining: Int) {
    let asked = Self.every(2, count: count)
    let reservation = Reservation(asked)
    #expect(reservation.fullLength == full && reservation.joining.count == joining)
    #expect(reservation.value.utf8.count <= Reservation.longestValue)
    #expect(asked.countCommon(with: reservation.ports) == count && reservation.ports.count == count + joining)
    #expect(reservation.value == reservation.ports.ranges.map(\.description).joined(separator: ","))
  }

  @Test("keep far neighbours apart while close ones can be joined")
  func closest() throws {
    var asked = Self.every(10, count: 680)
    for port in [Port(20001), 20003, 20005, 20007, 20009, 20021, 20023, 20025, 20027, 20029] { asked.insert(port) }
    asked.insert(try #require(PortRange(first: 60000, last: 60100)))
    let reservation = Reservation(asked)
    #expect(reservation.fullLength > Reservation.longestValue)
    #expect(!reservation.joining.isEmpty && reservation.joining.ports.allSatisfy { (20002...20028).contains($0) || $0 < 16792 })
    #expect(!reservation.ports.contains(50000) && reservation.value.hasSuffix(",60000-60100"))
  }

  @Test("that are too long say so wherever a server is to be reserved, and what joining costs")
  func advice() throws {
    let range = try #require(PortRange(first: 1024, last: 65535))
    let servers = (0..<1000).map { Evidence.Listener(.tcp, Port(11001 + 2 * $0), holder: "java (pid 960)") }
    let namespace = NamespaceSnapshot(name: "host", settings: PoolSettings(range: range), tcp: nil, udp: nil, outcomes: [])
    let findings = Evidence(namespace: namespace, listeners: servers).findings
    #expect(findings.map(\.id) == ["unreserved-listeners", "exporter-port"])
    for finding in findings {
      #expect(finding.remedy.contains { $0.contains("6,005 bytes") && $0.contains("without an error") && $0.contains("further ports") })
      #expect(finding.settings.allSatisfy { $0.value.utf8.count <= Reservation.longestValue } && finding.settings.count == 1)
    }
  }

  @Test("are cut by sysctl without an error where they are too long, and written whole where neighbours are joined", .networkNamespaces)
  func kernel() async throws {
    let asked = Self.every(2, count: 1200)
    let full = asked.ranges.map(\.description).joined(separator: ",")
    let (cut, whole) = try await NetworkNamespace.run { namespace in
      let name = "net.ipv4.ip_local_reserved_ports"
      func reserved(writing value: String) throws -> (Int32, String) {
        let outcome = try ChildProgram.run("/usr/bin/env", ["nsenter", "--net=\(namespace.path)", "sysctl", "-qw", "\(name)=\(value)"])
        let read = try ChildProgram.run("/usr/bin/env", ["nsenter", "--net=\(namespace.path)", "sysctl", "-n", name])
        return (outcome.status, read.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
      }
      return (try reserved(writing: full), try reserved(writing: Reservation(asked).value))
    }
    #expect(cut.0 == 0 && cut.1.split(separator: ",").count == 682 && full.hasPrefix(cut.1))
    #expect(whole.0 == 0 && whole.1 == Reservation(asked).value)
  }
}
