internal import Kernel
internal import PortModel

extension KernelSource {
  func pool(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses, _ settings: PoolSettings?,
    zone: (_ device: UInt32) -> String
  ) -> Counted<TCPPool> {
    let pressure = settings.map { TCPPressure(counter, report, $0, tupleLimit: tupleLimit, zone: zone) }
    let pool = TCPPool(sockets: sockets(counter, report, classes), seesBoundOnly: true, pressure: pressure)
    return Counted(pool, source: name, remark: report.remark)
  }

  func finding(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses, _ view: NamespaceView
  ) -> UDPFinding {
    if let problem = report.udpProblem { return .refused(problem) }
    return report.hasUDP ? .pool(udpPool(counter, report, classes, view)) : .hidden
  }

  func udpPool(
    _ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses, _ view: NamespaceView
  ) -> Counted<UDPPool> {
    let now = ContinuousClock.now
    var tenure = tenures[view.id] ?? PortTenure(from: now)
    tenure.update(counter, report, at: now)
    tenures[view.id] = tenure
    let servers = report.missesUDPHolders ? nil : tenure.servers(at: now, age: serverAge)
    let pressure = view.settings.map { UDPPressure(counter, report, $0.pool, servers: servers) }
    let remark = report.missesUDPHolders ? Self.tooManyHolders : nil
    return Counted(UDPPool(sockets: udpSockets(counter, report, classes), pressure: pressure), source: name, remark: remark)
  }

  private static var tooManyHolders: String {
    "more UDP sockets are on ports of their programs' choice than are told apart: which of them are servers is not known"
  }

  func udpSockets(_ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses) -> SocketCounts {
    classes.counts { counter.udpSockets(report, $0, $1, inClass: $2) }
  }

  func sockets(_ counter: borrowing SocketCounter, _ report: CountReport, _ classes: PortClasses) -> SocketCounts {
    classes.counts { counter.sockets(report, $0, $1, inClass: $2) }
  }
}

extension CountReport {
  /// What is not counted exactly.
  fileprivate var remark: String? {
    var remarks: [String] = []
    if isEstimated {
      let room = missesTuples ? "the fullest may be missing" : "all large ones are counted exactly, and their number is estimated"
      remarks.append("there are more tuples than the kernel counts one by one: \(room)")
    }
    if missesDevices { remarks.append("sockets are bound to more devices than are told apart: some tuples are missing") }
    if missesOverlaps {
      remarks.append("it is not known which ports sockets on a device share with those on none: headroom on devices is an upper bound")
    }
    if missesVRFPorts { remarks.append("more ports are closed in VRFs than are counted: headroom there is an upper bound") }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }
}
