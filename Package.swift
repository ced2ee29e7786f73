// swift-tools-version: 6.2
import PackageDescription

// `make check` and CI turn warnings into errors; a user's newer compiler with a new warning still builds.
let strict = Context.environment["PORTPOOL_STRICT"] == "1"
// `Tests/Fuzz/run` builds our modules so that libFuzzer sees which way an input takes through them.
let fuzzing = Context.environment["PORTPOOL_FUZZ"] == "1"

let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ] + (strict ? [.treatAllWarnings(as: .error)] : []) + (fuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

// libyaml, libcrypt and zlib become part of the program, so that one file runs on every distribution whose C library is new enough: they have
// other names elsewhere (libcrypt.so.2), or are not installed. `PORTPOOL_SHARED_LIBRARIES=1` loads them, for systems without the archives.
func library(_ name: String) -> LinkerSetting {
  .linkedLibrary(Context.environment["PORTPOOL_SHARED_LIBRARIES"] == "1" ? name : ":lib\(name).a")
}

func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }

let package = Package(
  name: "portpool",
  products: [
    .executable(name: "portpool", targets: ["portpool"])
  ],
  // Exact, so that a release is built from what was tested.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // MARK: C headers
    .target(name: "CLinux"),
    .target(name: "CCurl"),
    // Its objects were compiled for the kernel, from `kernel`: see Sources/CBPF/kernel/generate.
    .target(name: "CBPF", exclude: ["kernel", "objects"]),
    .target(
      name: "CBuildInfo",
      cSettings: Context.environment["PORTPOOL_REVISION"].map { [.define("PORTPOOL_REVISION", to: "\"\($0)\"")] } ?? []),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CYaml", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),

    // MARK: Libraries, lowest first
    .target(name: "PortModel", swiftSettings: settings),
    .target(name: "KernelFormats", dependencies: ["PortModel"], swiftSettings: settings),
    .target(name: "Kernel", dependencies: ["PortModel", "KernelFormats", "CLinux", "CBPF"], swiftSettings: settings),
    .target(name: "Scraper", dependencies: ["PortModel", "KernelFormats", "Kernel"], swiftSettings: settings),
    .target(name: "Terminal", dependencies: ["PortModel", "Kernel"], swiftSettings: settings),
    .target(name: "Inspector", dependencies: ["PortModel", "KernelFormats", "Kernel", "Scraper", "Terminal"], swiftSettings: settings),
    .target(name: "Exposition", swiftSettings: settings),
    .target(name: "Metrics", dependencies: ["PortModel", "Exposition"], swiftSettings: settings),
    .target(name: "LiveView", dependencies: ["PortModel", "Terminal"], swiftSettings: settings),
    .target(
      name: "StatusPage", dependencies: ["PortModel"], resources: [.embedInCode("Resources/page.css"), .embedInCode("Resources/page.js")],
      swiftSettings: settings),
    .target(name: "WebConfig", dependencies: ["CYaml"], swiftSettings: settings, linkerSettings: [library("yaml")]),
    .target(
      name: "Endpoint",
      dependencies: [
        "Exposition", "WebConfig", "CZlib", "CCrypt", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOTLS"),
        .product(name: "NIOExtras", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings, linkerSettings: [library("crypt"), library("z")]),
    .target(name: "Push", dependencies: ["Exposition", "CCurl"], swiftSettings: settings),
    .executableTarget(
      name: "portpool",
      dependencies: [
        "PortModel", "KernelFormats", "Kernel", "Scraper", "Exposition", "Metrics", "StatusPage", "LiveView", "WebConfig", "Endpoint",
        "Push", "Inspector", "Terminal", "CBuildInfo",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings,
      // Nobody looks up the program's own symbols. Packed relocations would save another 2.4 MB, but need glibc 2.36.
      linkerSettings: [.unsafeFlags(["-use-ld=lld", "-Xlinker", "--no-export-dynamic"])]),

    // MARK: Tests
    .target(name: "CTestSupport", path: "Tests/Support/C"),
    .target(
      name: "TestSupport", dependencies: ["CTestSupport", "Kernel", "PortModel"], path: "Tests/Support/Swift", swiftSettings: settings),
    .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], path: "Tests/Unit/TestSupport", swiftSettings: settings),
    .testTarget(name: "PortModelTests", dependencies: ["PortModel", "TestSupport"], path: "Tests/Unit/PortModel", swiftSettings: settings),
    .testTarget(
      name: "KernelFormatsTests", dependencies: ["KernelFormats", "PortModel", "TestSupport"], path: "Tests/Unit/KernelFormats",
      swiftSettings: settings),
    .testTarget(
      name: "MetricsTests", dependencies: ["Metrics", "Exposition", "Kernel", "PortModel", "Scraper", "TestSupport"],
      path: "Tests/Unit/Metrics", swiftSettings: settings),
    .testTarget(
      name: "InetDiagTests", dependencies: ["Kernel", "KernelFormats", "PortModel", "Scraper", "TestSupport"],
      path: "Tests/Kernel/InetDiag", swiftSettings: settings),
    .testTarget(
      name: "ScraperTests", dependencies: ["Scraper", "Kernel", "PortModel", "TestSupport"], path: "Tests/Unit/Scraper",
      swiftSettings: settings),
    .testTarget(
      name: "KernelTests", dependencies: ["Kernel", "KernelFormats", "PortModel", "Scraper", "TestSupport"], path: "Tests/Kernel/Pools",
      swiftSettings: settings),
    .testTarget(name: "GoldenTests", dependencies: ["TestSupport"], path: "Tests/Program/Golden", swiftSettings: settings),
    .testTarget(
      name: "ExpositionTests", dependencies: ["Exposition", "TestSupport"], path: "Tests/Unit/Exposition", swiftSettings: settings),
    .testTarget(name: "PushTests", dependencies: ["Push", "Exposition", "TestSupport"], path: "Tests/Unit/Push", swiftSettings: settings),
    .testTarget(
      name: "InspectorTests", dependencies: ["Inspector", "Kernel", "KernelFormats", "PortModel", "Scraper", "Terminal", "TestSupport"],
      path: "Tests/Unit/Inspector", swiftSettings: settings),
    .testTarget(
      name: "LiveViewTests", dependencies: ["LiveView", "Kernel", "PortModel", "Scraper", "Terminal", "TestSupport"],
      path: "Tests/Unit/LiveView", swiftSettings: settings),
    .testTarget(
      name: "TerminalTests", dependencies: ["Terminal", "PortModel", "TestSupport"], path: "Tests/Unit/Terminal", swiftSettings: settings),
    .testTarget(
      name: "StatusPageTests", dependencies: ["StatusPage", "Endpoint", "Exposition", "PortModel", "TestSupport"],
      path: "Tests/Unit/StatusPage",
      swiftSettings: settings),
    .testTarget(
      name: "WebConfigTests", dependencies: ["WebConfig", "TestSupport"], path: "Tests/Unit/WebConfig", swiftSettings: settings),
    .testTarget(
      name: "EndpointTests",
      dependencies: ["Endpoint", "Exposition", "WebConfig", "TestSupport", nio("NIOCore"), nio("NIOEmbedded"), nio("NIOHTTP1")],
      path: "Tests/Unit/Endpoint", swiftSettings: settings),
    .testTarget(
      name: "NamespaceTests",
      dependencies: ["Metrics", "Exposition", "Kernel", "KernelFormats", "PortModel", "Scraper", "TestSupport"],
      path: "Tests/Kernel/Namespaces", swiftSettings: settings),
    .testTarget(
      name: "DocumentTests", dependencies: ["portpool", "PortModel", "TestSupport"], path: "Tests/Unit/Documents", swiftSettings: settings),
    .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], path: "Tests/Unit/Architecture", swiftSettings: settings),
  ]
)

if fuzzing {
  package.targets += [
    .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer", linkerSettings: [.linkedLibrary("stdc++")]),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "PortModel", "KernelFormats", "Kernel", "Scraper", "Metrics", "Exposition", "Terminal", "StatusPage", "LiveView", "Inspector",
        "WebConfig", "Endpoint", "Push", "CFuzzer", nio("NIOCore"), nio("NIOEmbedded"),
      ],
      path: "Tests/Fuzz/Sources", swiftSettings: settings),
  ]
}
