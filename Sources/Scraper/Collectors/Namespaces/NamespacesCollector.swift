internal import Kernel
internal import PortModel

/// Runs the other collectors in every other network namespace of the host, one after the other.
final class NamespacesCollector: Collector {
  static let name = CollectorName.namespaces
  static let isDefault = false
  static let help = "Every other network namespace of the host"
  static let reach = CollectorReach.host

  private let configuration: ScraperConfiguration
  private var memory = NamespaceMemory()

  init(_ configuration: ScraperConfiguration) {
    self.configuration = configuration
  }

  func collect(_ look: inout NamespaceLook) throws(ReadError) -> CollectorReport {
    let (run, capacity) = (look.run, look.view.settings?.pool.capacity)
    var round = NamespaceRound()
    do throws(SystemCallError) {
      round = try NamespaceThread.run { thread in
        let search = NamespaceSearch(proc: configuration.proc, directory: configuration.namespaces.directory)
        var walk = NamespaceWalk(NamespaceVisitor(thread, search), run, memory, ownCapacity: capacity)
        // The walk is to own what it changes: two references would make each change a copy.
        memory = NamespaceMemory()
        walk.go()
        let end = walk.end()
        memory = end.memory
        return end.round
      }
    } catch {
      round.problems.append(error.description)
    }
    look.found.others = OtherNamespaces(namespaces: round.namespaces.sorted { $0.name < $1.name }, census: round.census)
    return CollectorReport(problem: round.problem, remark: round.remark)
  }
}
