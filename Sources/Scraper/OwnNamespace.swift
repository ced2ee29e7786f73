internal import Kernel
internal import PortModel

/// The namespace that the scraper runs in, as it is called.
package enum OwnNamespace {
  /// What to do where the host's pool was meant.
  package static let remedy = "to watch the host's pool, run portpool in its network (--network host, hostNetwork: true)"

  /// The label of the exporter's own namespace: `host`. Where another process file system than this system's was asked for, that says whose
  /// network was meant: its process 1's. If that is known to be another one, the label is the number of the one that is read.
  static func label(_ proc: ProcFileSystem) -> String {
    isAnother(proc) ? proc.ownNamespace.map { "\($0.rawValue)" } ?? "unknown" : "host"
  }

  /// Why the label is not `host`; `nil` where it is.
  static func remark(_ proc: ProcFileSystem) -> String? {
    guard isAnother(proc) else { return nil }
    return "\(proc.root) shows the network namespace of its reader, and process 1 is in another one: this is not the host's pool; \(remedy)"
  }

  private static func isAnother(_ proc: ProcFileSystem) -> Bool {
    proc.root != ProcFileSystem().root && proc.isOfFirstProcess == false
  }
}
