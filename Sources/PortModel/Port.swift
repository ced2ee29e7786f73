/// A transport port number in host byte order, 0 to 65535 (RFC 6335 § 6).
package typealias Port = UInt16
