/// Which source to read sockets from: `--source`.
package enum SourceChoice: String, Sendable, Hashable, CaseIterable {
  /// inet_diag, or `/proc` where the kernel refuses.
  case auto
  case proc
  case netlink
}
