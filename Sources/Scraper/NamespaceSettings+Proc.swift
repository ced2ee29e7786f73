package import Kernel
internal import KernelFormats
package import PortModel

extension NamespaceSettings {
  /// Reads the settings of the calling thread's namespace and the addresses of `proc`'s.
  package init(reading proc: ProcFileSystem) throws(ReadError) {
    self.init(pool: try PoolSettings(reading: proc), localAddresses: try Self.addresses(proc))
  }

  /// The addresses of the namespace that `proc` shows, which may be another process's; nothing else of it can be read from outside.
  package static func addresses(_ proc: ProcFileSystem) throws(ReadError) -> Set<IPAddress> {
    let triePath = proc.net("fib_trie")
    let trie = try parse(triePath, FileReader.optional(triePath, limit: 64 << 20)) { bytes throws(FormatError) in
      try LocalAddressFormats.routesIPv4(bytes)
    }
    let interfacesPath = proc.net("if_inet6")
    let interfaces = try parse(interfacesPath, FileReader.optional(interfacesPath, limit: 16 << 20)) { bytes throws(FormatError) in
      try LocalAddressFormats.interfacesIPv6(bytes)
    }
    return (trie ?? []).union(interfaces ?? [])
  }

  private static func parse<Value>(
    _ path: String, _ bytes: [UInt8]?, _ parser: (borrowing Span<UInt8>) throws(FormatError) -> Value
  ) throws(ReadError) -> Value? {
    guard let bytes else { return nil }
    do { return try parser(bytes.span) } catch { throw ReadError(error, in: path) }
  }
}

extension FileReader {
  fileprivate static func optional(_ path: String, limit: Int) throws(ReadError) -> [UInt8]? {
    do { return try bytesIfPresent(of: path, limit: limit) } catch { throw .systemCall(error) }
  }
}
