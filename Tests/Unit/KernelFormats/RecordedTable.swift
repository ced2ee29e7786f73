import KernelFormats
import PortModel
import Testing

/// Lines that a Linux 6.18 kernel wrote, with addresses of the documentation ranges, and the sockets they tell of.
struct RecordedTable: Sendable, CustomTestStringConvertible {
  let format: SocketTableFormat
  let header: String
  let rows: [(line: String, record: SocketRecord)]

  var text: String { ([header] + rows.map(\.line)).map { $0 + "\n" }.joined() }
  var records: [SocketRecord] { rows.map(\.record) }
  var testDescription: String { format.fileName }

  static let all = [tcp, tcp6, udp, udp6]

  static func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(high: .max, low: .max) }
}

extension RecordedTable {
  private static func socket(
    _ transport: TransportProtocol, _ state: SocketState, _ local: String, _ localPort: Port, _ remote: String, _ remotePort: Port,
    isIPv6Only: Bool = false, timeWaitRemaining: UInt32 = 0, uid: UInt32 = 0, inode: UInt64
  ) -> SocketRecord {
    SocketRecord(
      transport: transport, state: state, local: address(local), localPort: localPort, remote: address(remote), remotePort: remotePort,
      isIPv6Only: isIPv6Only, timeWaitRemaining: timeWaitRemaining, uid: uid, inode: inode)
  }

  static let tcp = RecordedTable(
    format: SocketTableFormat(.tcp, isIPv6: false),
    header:
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ",
    rows: [
      (
        "   0: 076433C6:1538 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 1116691 2 000000000536821c 100 0 0 10 0                   ",
        socket(.tcp, .listen, "198.51.100.7", 5432, "0.0.0.0", 0, inode: 1_116_691)
      ),
      (
        "   2: 0A0200C0:C000 076433C6:1538 01 00000000:00000000 00:00000000 00000000  1000        0 1116697 2 0000000032a64217 20 0 0 10 -1                   ",
        socket(.tcp, .established, "192.0.2.10", 49152, "198.51.100.7", 5432, uid: 1000, inode: 1_116_697)
      ),
      (
        "   6: 076433C6:1538 0A0200C0:8002 08 00000000:00000001 00:00000000 00000000     0        0 1116701 1 00000000e5fa439f 20 4 0 10 -1                   ",
        socket(.tcp, .closeWait, "198.51.100.7", 5432, "192.0.2.10", 32770, inode: 1_116_701)
      ),
      (
        "   7: 076433C6:1538 0A0200C0:9C4A 01 00000000:00000000 00:00000000 00000000     0        0 0 1 00000000d4e31443 20 0 0 10 -1                         ",
        socket(.tcp, .established, "198.51.100.7", 5432, "192.0.2.10", 40010, inode: 0)
      ),
      (
        "   8: 0A0200C0:8000 076433C6:1538 06 00000000:00000000 03:00001738 00000000     0        0 0 3 00000000b49de644                                      ",
        socket(.tcp, .timeWait, "192.0.2.10", 32768, "198.51.100.7", 5432, timeWaitRemaining: 59440, inode: 0)
      ),
      (
        "   9: 0A0200C0:8002 076433C6:1538 05 00000000:00000000 00:00000000 00000000     0        0 1116696 1 00000000aeec7fce 20 0 0 11 -1                   ",
        socket(.tcp, .finWait2, "192.0.2.10", 32770, "198.51.100.7", 5432, inode: 1_116_696)
      ),
    ])

  static let tcp6 = RecordedTable(
    format: SocketTableFormat(.tcp, isIPv6: true),
    header:
      "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    rows: [
      (
        "   0: 00000000000000000000000000000000:9C47 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1116693 1 0000000009e1bf2f 100 0 0 10 0",
        socket(.tcp, .listen, "::", 40007, "::", 0, inode: 1_116_693)
      ),
      (
        "   1: B80D0120000001000000000009000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1116694 1 000000008ad95190 100 0 0 10 0",
        socket(.tcp, .listen, "2001:db8:1::9", 443, "::", 0, isIPv6Only: true, inode: 1_116_694)
      ),
      (
        "   2: B80D0120000000000000000005000000:80E8 B80D0120000001000000000009000000:01BB 06 00000000:00000000 03:00001724 00000000     0        0 0 3 000000009cf6750d",
        socket(.tcp, .timeWait, "2001:db8::5", 33000, "2001:db8:1::9", 443, timeWaitRemaining: 59240, inode: 0)
      ),
      (
        "   3: B80D0120000000000000000005000000:80EA B80D0120000001000000000009000000:01BB 01 00000000:00000000 00:00000000 00000000     0        0 1116706 2 000000002b2a7dbd 20 0 0 10 -1",
        socket(.tcp, .established, "2001:db8::5", 33002, "2001:db8:1::9", 443, inode: 1_116_706)
      ),
      (
        "   4: 0000000000000000FFFF00000A0200C0:9C4A 0000000000000000FFFF0000076433C6:1538 01 00000000:00000000 00:00000000 00000000     0        0 1116709 2 0000000038b592fa 20 0 0 10 -1",
        socket(.tcp, .established, "192.0.2.10", 40010, "198.51.100.7", 5432, inode: 1_116_709)
      ),
    ])

  static let udp = RecordedTable(
    format: SocketTableFormat(.udp, isIPv6: false),
    header:
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ",
    rows: [
      (
        "12933: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1116710 2 00000000bc07560c 0       ",
        socket(.udp, .close, "0.0.0.0", 514, "0.0.0.0", 0, inode: 1_116_710)
      ),
      (
        "13320: 0A0200C0:C385 076433C6:0035 01 00000000:00000000 00:00000000 00000000     0        0 1116712 2 000000001477c469 0       ",
        socket(.udp, .established, "192.0.2.10", 50053, "198.51.100.7", 53, inode: 1_116_712)
      ),
    ])

  static let udp6 = RecordedTable(
    format: SocketTableFormat(.udp, isIPv6: true),
    header:
      "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops",
    rows: [
      (
        " 1388: 00000000000000000000000000000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1116713 2 000000002f5224f5 0",
        socket(.udp, .close, "::", 5353, "::", 0, inode: 1_116_713)
      ),
      (
        " 4267: B80D0120000000000000000005000000:A028 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1116714 2 00000000abb001c0 0",
        socket(.udp, .close, "2001:db8::5", 41000, "::", 0, isIPv6Only: true, inode: 1_116_714)
      ),
      (
        "13321: B80D0120000000000000000005000000:C386 B80D0120000001000000000009000000:0035 01 00000000:00000000 00:00000000 00000000     0        0 1116715 2 00000000d1a970e1 0",
        socket(.udp, .established, "2001:db8::5", 50054, "2001:db8:1::9", 53, inode: 1_116_715)
      ),
      (
        "13322: 0000000000000000FFFF00000A0200C0:C387 0000000000000000FFFF0000076433C6:0035 01 00000000:00000000 00:00000000 00000000     0        0 1116716 2 000000001bb3a837 0",
        socket(.udp, .established, "192.0.2.10", 50055, "198.51.100.7", 53, inode: 1_116_716)
      ),
    ])
}
