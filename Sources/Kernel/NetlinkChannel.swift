/// Something that answers netlink requests: the kernel, or in tests a peer that answers wrongly.
package protocol NetlinkChannel: ~Copyable {
  mutating func send(_ request: [UInt8]) throws(SystemCallError)
  /// Waits for a datagram and returns its length. One that does not fit into `buffer` is an error (`EMSGSIZE`).
  mutating func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int
}
