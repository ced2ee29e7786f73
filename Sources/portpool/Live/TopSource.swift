internal import FoundationEssentials
internal import LiveView
internal import PortModel
internal import Push
internal import Scraper

/// Takes one snapshot; blocks while it does.
typealias TopSource = @Sendable () -> Result<PoolSnapshot, LiveFailure>

extension PoolScraper {
  /// Takes snapshots of this host.
  func topSource(_ collectors: Set<CollectorName>) -> TopSource {
    { [self] in .success(snapshot(collectors)) }
  }
}

extension HTTPFetcher {
  /// Takes snapshots of the host of another exporter.
  var topSource: TopSource {
    { [self] in Result { () throws(LiveFailure) in PoolSnapshot(try document()) } }
  }

  private func document() throws(LiveFailure) -> SnapshotDocument {
    let bytes: [UInt8]
    do { bytes = try get(SnapshotDocument.path) } catch { throw LiveFailure(error.description) }
    do {
      return try JSONDecoder().decode(SnapshotDocument.self, from: Data(bytes))
    } catch {
      throw LiveFailure("\(shownURL)\(SnapshotDocument.path): \(Self.problem(error)); is it a portpool of about this version?")
    }
  }

  /// Where the document is not what it should be.
  private static func problem(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "the answer cannot be read" }
    func place(_ context: DecodingError.Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
    return switch error {
    case .keyNotFound(let key, let context): "the answer has no \((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(place(context)) in the answer is not what it should be"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty: "\(place(context)) in the answer is not what it should be"
    default: "the answer is no JSON"
    }
  }
}
