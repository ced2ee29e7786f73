internal import PortModel
internal import Scraper

extension SnapshotDocument.Census {
  init(_ census: NamespaceCensus) {
    walked = census.walked
    calm = census.calm
    skipped = census.skipped
    excluded = census.excluded
    unreadable = census.unreadable
    skipped_sockets = SnapshotDocument.Totals(census.skippedSockets)
  }
}

extension SnapshotDocument.Totals {
  init(_ totals: SocketTotals) {
    tcp = totals.tcp
    udp = totals.udp
  }
}

extension SnapshotDocument.Identity {
  init(_ identity: NamespaceIdentity) {
    func known(_ text: String) -> String? { text.isEmpty ? nil : text }
    name = known(identity.name)
    pod = known(identity.pod)
    container = known(identity.container)
    unit = known(identity.unit)
  }
}
