internal import Glibc
internal import PortModel

/// Network devices, in the namespace of the calling thread.
package enum NetworkDevice {
  /// The name of device `number`, such as `eth0`; `nil` if there is none of that number, or its name cannot be shown. The corresponding C function is
  /// `if_indextoname`.
  package static func name(_ number: UInt32) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard unsafe if_indextoname(number, &bytes) != nil else { return nil }
    let name = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return Tuple.isZone(name) ? name : nil
  }
}
