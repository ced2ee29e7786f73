internal import CCurl

/// zlib, found by `dlopen` at the first compressed push: libcurl brings it along wherever it can.
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
