// swift-tools-version: 6.2
import PackageDescription

// Modules is a link to the exporter's own Sources: built as modules of this package, they show it what is `package`.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "micro",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: [])
  ],
  targets: [
    .target(name: "PortModel", path: "Modules/PortModel", swiftSettings: settings),
    .target(name: "KernelFormats", dependencies: ["PortModel"], path: "Modules/KernelFormats", swiftSettings: settings),
    .target(name: "Exposition", path: "Modules/Exposition", swiftSettings: settings),
    .executableTarget(
      name: "Parsers",
      dependencies: ["PortModel", "KernelFormats", "Exposition", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/Parsers",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
