/// The inode that names a network namespace: `4026531840` in `net:[4026531840]` (`readlink /proc/self/ns/net`).
package struct NetworkNamespaceID: RawRepresentable, Sendable, Hashable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
}
