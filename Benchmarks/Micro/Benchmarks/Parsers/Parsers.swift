import Benchmark
import Exposition
import KernelFormats
import PortModel

// One benchmark for each parser, over input of the size a busy host has, and one for the encoders.

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], warmupIterations: 3, maxDuration: .seconds(2), maxIterations: 2_000)

  for format in SocketTableFormat.all {
    let table = Inputs.socketTable(format, lines: 1_000)
    Benchmark("proc-net-\(format.fileName): 1,000 lines") { benchmark in
      for _ in benchmark.scaledIterations {
        var parser = SocketTableParser(format)
        var ports = 0
        _ = try parser.parse(table.span, isLast: true) {
          ports &+= Int($0.localPort)
          return true
        }
        blackHole(ports)
      }
    }
  }

  let dump = Inputs.inetDiag(sockets: 1_000)
  Benchmark("inet-diag: 1,000 sockets") { benchmark in
    for _ in benchmark.scaledIterations {
      var decoder = InetDiagDecoder(InetDiagRequest(.tcp), sequence: 1)
      var ports = 0
      _ = try decoder.decode(dump.span) { ports &+= Int($0.localPort) }
      blackHole(ports)
    }
  }

  Benchmark("inet-diag: owners of 1,000 sockets") { benchmark in
    for _ in benchmark.scaledIterations {
      var decoder = InetDiagDecoder(InetDiagRequest(.tcp), sequence: 1)
      var groups: UInt64 = 0
      _ = try decoder.decodeHolders(dump.span) { groups &+= $0.controlGroup }
      blackHole(groups)
    }
  }

  Benchmark("sockstat") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try SockstatFormat(Inputs.sockstat.span)) }
  }

  Benchmark("process-stat") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try ProcessStatFormat(Inputs.processStat.span)) }
  }

  Benchmark("descriptor") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try DescriptorFormat.recursionMisses(Inputs.descriptor.span)) }
  }

  Benchmark("control-group") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(ControlGroupOwner(path: try ControlGroupFormat(Inputs.controlGroup.span).path)) }
  }

  let services = Inputs.services(lines: 500)
  Benchmark("services: 500 lines") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(ServicesFormat.service(services.span, port: 443, .tcp)) }
  }

  let passwd = Inputs.passwd(lines: 50)
  Benchmark("passwd: 50 lines") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(PasswordFileFormat.names(passwd.span).count) }
  }

  let range = Array("32768\t60999\n".utf8)
  Benchmark("port-range") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try SysctlFormats.portRange(range.span)) }
  }

  let reserved = Inputs.reservedPorts(ranges: 100)
  Benchmark("reserved-ports: 100 ranges") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try SysctlFormats.reservedPorts(reserved.span).count) }
  }

  let routes = Inputs.fibTrie(addresses: 100)
  Benchmark("fib-trie: 100 addresses") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try LocalAddressFormats.routesIPv4(routes.span).count) }
  }

  let interfaces = Inputs.interfacesIPv6(addresses: 100)
  Benchmark("if-inet6: 100 addresses") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(try LocalAddressFormats.interfacesIPv6(interfaces.span).count) }
  }

  Benchmark("ip-address: text and back") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(IPAddress("2001:db8:1::9")?.description) }
  }

  Benchmark("accept: what Prometheus sends") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(ExpositionFormat.negotiated(accept: Inputs.accept)) }
  }

  Benchmark("accept-encoding: what Prometheus sends") { benchmark in
    for _ in benchmark.scaledIterations { blackHole(ContentCoding.negotiated(acceptEncoding: "gzip")) }
  }

  let metrics = Inputs.metrics(series: 200)
  for (name, format) in [("text 0.0.4", ExpositionFormat.text004), ("OpenMetrics", .openMetrics100)] {
    Benchmark("encode 200 series: \(name)") { benchmark in
      for _ in benchmark.scaledIterations { blackHole(metrics.encoded(as: format).count) }
    }
  }
}
