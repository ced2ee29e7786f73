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

extension SnapshotDocument.Namespace {
  /// Whose it is, and what the lack of numbers means, for people: `nginx.service, calm`.
  var note: String {
    let whose = [identity?.name, identity?.unit, identity?.container.map { String($0.prefix(12)) }, identity?.pod]
    let names = whose.compactMap(\.self).filter { $0 != netns }
    return (names.prefix(2) + (walked == false ? ["calm, not walked"] : [])).joined(separator: ", ")
  }
}
