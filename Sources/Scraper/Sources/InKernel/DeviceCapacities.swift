internal import Kernel
internal import PortModel

/// The ports that a connect() can be given at all, by the device that it is on: in a VRF it is given others than outside.
struct DeviceCapacities {
  /// Devices that meet sockets on none, or on their VRF, by number.
  let devices: [UInt32: CountedDevice]
  private let outside: PoolCapacity
  private var inVRF: [UInt32: PoolCapacity] = [:]

  /// - Parameter blocked: the ports that are closed to connect() outside of VRFs.
  init(_ counter: borrowing SocketCounter, _ report: CountReport, pool: PortSet, blocked: PortSet, range: PortRange) {
    outside = PoolCapacity(pool: pool, blocked: blocked, range: range)
    var devices: [UInt32: CountedDevice] = [:]
    counter.forEachDevice(report) { devices[$0.number] = $0 }
    self.devices = devices
    var closed: [UInt32: PortSet] = [:]
    for device in devices.values where !device.meetsNone { closed[device.vrf] = PortSet() }
    guard !closed.isEmpty else { return }
    counter.forEachVRFPort(report) { vrf, port in
      if pool.contains(port) { closed[vrf]?.insert(port) }
    }
    inVRF = closed.mapValues { PoolCapacity(pool: pool, blocked: $0, range: range) }
  }

  /// On a device, or on none (0).
  subscript(device: UInt32) -> PoolCapacity {
    guard let device = devices[device], !device.meetsNone else { return outside }
    return inVRF[device.vrf] ?? outside
  }
}
