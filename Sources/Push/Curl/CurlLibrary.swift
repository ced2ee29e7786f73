internal import CCurl

/// libcurl, loaded with `dlopen` at the first push of the process and kept from then on.
@safe package struct CurlLibrary: Sendable {
  nonisolated(unsafe) let functions: UnsafePointer<ccurl_library>

  /// The name every libcurl since 7.16 has, whatever TLS library it was built with.
  package static let fileName = "libcurl.so.4"

  /// The library of this process, or why there is none. The first use loads it.
  package static let shared = load(fileName)

  /// Finds and initializes a library. The corresponding C functions are `dlopen` and `curl_global_init`.
  package static func load(_ file: String) -> Result<CurlLibrary, PushError> {
    let functions = UnsafeMutablePointer<ccurl_library>.allocate(capacity: 1)
    unsafe functions.initialize(to: ccurl_library())
    if let problem = unsafe ccurl_load(functions, file) {
      let text = unsafe String(cString: problem)
      unsafe functions.deallocate()
      return .failure(PushError(.library, missing("libcurl", package: "libcurl4", fedoraPackage: "libcurl", text)))
    }
    let result = unsafe functions.pointee.global_init(Int(CURL_GLOBAL_ALL))
    guard result == CURLE_OK else {
      unsafe functions.deallocate()
      return .failure(PushError(.library, "libcurl cannot be initialized: curl_global_init gave \(result.rawValue)"))
    }
    return unsafe .success(CurlLibrary(functions: UnsafePointer(functions)))
  }

  /// The sentence about a missing library: which package to install.
  static func missing(_ name: String, package: String, fedoraPackage: String, _ problem: String) -> String {
    "this needs \(name), which cannot be loaded: \(problem); install the package \(package) (Debian, Ubuntu) "
      + "or \(fedoraPackage) (Fedora, RHEL)"
  }
}

/// zlib, loaded with `dlopen` at the first compressed push. Nearly every libcurl depends on it.
@safe package struct GzipEncoder: Sendable {
  nonisolated(unsafe) private let functions: UnsafePointer<ccurl_zlib>

  /// The encoder of this process, or why there is none.
  package static let shared = load("libz.so.1")

  package static func load(_ file: String) -> Result<GzipEncoder, PushError> {
    let functions = UnsafeMutablePointer<ccurl_zlib>.allocate(capacity: 1)
    unsafe functions.initialize(to: ccurl_zlib())
    if let problem = unsafe ccurl_load_zlib(functions, file) {
      let text = unsafe String(cString: problem)
      unsafe functions.deallocate()
      return .failure(PushError(.library, CurlLibrary.missing("zlib", package: "zlib1g", fedoraPackage: "zlib", text)))
    }
    return unsafe .success(GzipEncoder(functions: UnsafePointer(functions)))
  }

  /// One gzip member. The corresponding C function is `deflate`.
  package func compressed(_ input: [UInt8]) throws(PushError) -> [UInt8] {
    let capacity = unsafe ccurl_gzip_bound(functions, input.count)
    let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = unsafe input.withUnsafeBufferPointer { input in
        unsafe ccurl_gzip(functions, input.baseAddress, input.count, buffer.baseAddress, capacity)
      }
    }
    guard !output.isEmpty else { throw PushError(.library, "zlib could not compress a body of \(input.count) bytes") }
    return output
  }
}
