package import Exposition

/// Where, what and how to push; checked when it is made.
package struct PushConfiguration: Sendable, Hashable {
  /// The target, checked: `http://gateway:9091`.
  package let url: PushURL
  package let format: PushProtocol
  /// The value of the label `job`; never empty.
  package let job: String
  /// Further labels of the group, in the order given.
  package let grouping: [MetricSeries.Label]
  package let method: PushMethod
  /// The time from one push to the next; `nil` pushes once.
  package let interval: Duration?
  /// Deletes the group from the Pushgateway at the end.
  package let deletesOnExit: Bool
  /// The longest one attempt may take.
  package let timeout: Duration
  package let credentials: PushCredentials
  /// Further request headers.
  package let headers: [PushHeader]
  /// The certificates (PEM) of the only authorities to trust; `nil` trusts the system's.
  package let caFile: String?
  /// The client's own certificate and key (PEM).
  package let certFile: String?
  package let keyFile: String?
  package let compression: PushCompression

  /// Checks what the flags say.
  ///
  /// - Parameter flagPrefix: how the flags begin, for the errors: `--` makes `--url`, `--push.` makes `--push.url`.
  package init(
    url: String, format: PushProtocol = .pushgateway, job: String = "portpool", grouping: [String] = [], method: PushMethod? = nil,
    interval: Duration? = nil, deletesOnExit: Bool = false, timeout: Duration = .seconds(10), basicAuthFile: String? = nil,
    bearerTokenFile: String? = nil, headers: [String] = [], caFile: String? = nil, certFile: String? = nil, keyFile: String? = nil,
    compression: PushCompression? = nil, flagPrefix: String = "--"
  ) throws(PushConfigurationError) {
    func refuse(_ flag: String, _ problem: String) -> PushConfigurationError {
      PushConfigurationError(flag: flagPrefix + flag, problem: problem)
    }
    do {
      self.url = try PushURL(url, format: format, flagPrefix: flagPrefix)
    } catch {
      throw refuse("url", error.problem)
    }
    guard !job.isEmpty else { throw refuse("job", "is empty; a group needs a job, for example portpool") }
    self.job = job
    do {
      self.grouping = try GroupingFlag.labels(grouping, flagPrefix: flagPrefix)
      self.headers = try PushHeader.list(headers, flagPrefix: flagPrefix)
    } catch {
      throw refuse(error.flag, error.problem)
    }
    if let interval, interval < .seconds(1) { throw refuse("interval", "is shorter than a second") }
    self.interval = interval
    guard timeout >= .milliseconds(1) else { throw refuse("timeout", "must be greater than zero") }
    self.timeout = timeout
    switch (basicAuthFile, bearerTokenFile) {
    case (nil, nil): credentials = .none
    case (let file?, nil): credentials = .basic(file: file)
    case (nil, let file?): credentials = .bearer(file: file)
    case (_?, _?): throw refuse("bearer-token-file", "\(flagPrefix)basic-auth-file is given too; give one of them")
    }
    if keyFile != nil && certFile == nil { throw refuse("key-file", "there is no \(flagPrefix)cert-file that it belongs to") }
    if !self.url.isEncrypted, let flag = [("ca-file", caFile), ("cert-file", certFile)].first(where: { $0.1 != nil })?.0 {
      throw refuse(flag, "the URL is not https, so no certificate is used")
    }
    self.caFile = caFile
    self.certFile = certFile
    self.keyFile = keyFile
    if format == .remoteWrite {
      if method != nil { throw refuse("method", "remote write only uses POST; leave it out") }
      if compression != nil { throw refuse("compression", "remote write is always snappy; leave it out") }
      if deletesOnExit { throw refuse("delete-on-exit", "remote write deletes nothing; its series end with staleness markers") }
    }
    if deletesOnExit && interval == nil { throw refuse("delete-on-exit", "a single push would delete what it just pushed") }
    self.format = format
    self.method = method ?? .put
    self.deletesOnExit = deletesOnExit
    self.compression = compression ?? .none
  }
}

/// The protocol of a push.
package enum PushProtocol: String, Sendable, Hashable, CaseIterable {
  /// Text 0.0.4 to a Pushgateway. Prometheus: <https://github.com/prometheus/pushgateway>.
  case pushgateway
  /// Remote write 1.0 to Prometheus or a compatible receiver. Prometheus: <https://prometheus.io/docs/specs/prw/remote_write_spec/>.
  case remoteWrite = "remote-write"
}

/// What a Pushgateway does with an existing group.
package enum PushMethod: String, Sendable, Hashable, CaseIterable {
  /// Replaces the whole group.
  case put
  /// Replaces the metrics of the same name and leaves the others.
  case post

  /// The HTTP method: `PUT`.
  var verb: String { rawValue.uppercased() }
}

/// How the body of a push to a Pushgateway is compressed. Remote write is always a snappy block.
package enum PushCompression: String, Sendable, Hashable, CaseIterable {
  case none, gzip
}

/// A flag that does not say what it should: `--push.grouping: "web-1" is not LABEL=VALUE; write for example instance=web-1`.
package struct PushConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The flag as the user writes it.
  package let flag: String
  /// What was found, and what to write instead. Never a secret.
  package let problem: String

  package init(flag: String, problem: String) {
    self.flag = flag
    self.problem = problem
  }

  package var description: String { "\(flag): \(problem)" }
}
