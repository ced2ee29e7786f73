import WebConfig

extension FuzzTarget {
  /// A web configuration is read or refused with a sentence that names the file, and reading it again says the same.
  static let web: [FuzzTarget] = [
    FuzzTarget(name: "web-config") { bytes in
      let first = Parsed { () throws(ConfigurationError) in try WebConfig.parse(bytes, file: "web.yml") }
      require(first == Parsed { () throws(ConfigurationError) in try WebConfig.parse(bytes, file: "web.yml") }, "\(first) only once")
      switch first {
      case .value(let config):
        for header in config.headers {
          require(header.value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }, "a header with a control character")
        }
        for (user, hash) in config.users { require(BcryptHash.cost(hash) != nil, "user \(user) has the hash \(hash)") }
        if let tls = config.tls { require(tls.minimumVersion <= tls.maximumVersion, "no version of TLS is left") }
        if let limit = config.rateLimit { require(limit.interval > .zero && limit.burst > 0, "\(limit) lets nobody in") }
      case .refused(let sentence): require(sentence.hasPrefix("web.yml"), "\"\(sentence)\" names no file")
      }
    }
  ]
}
