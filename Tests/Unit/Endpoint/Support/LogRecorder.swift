import Endpoint
import Synchronization

/// Keeps what the server logs.
final class LogRecorder: Sendable {
  private let lines = Mutex<[String]>([])

  var log: EndpointLog {
    EndpointLog(level: .debug) { event in
      let fields = event.fields.map { " \($0.name)=\($0.value)" }.joined()
      self.lines.withLock { $0.append("\(event.level.rawValue) \(event.message)\(fields)") }
    }
  }

  var all: [String] { lines.withLock { $0 } }

  func count(containing text: String) -> Int { all.count { $0.contains(text) } }
}
