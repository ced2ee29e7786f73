internal import CCurl

/// libcurl, found by `dlopen` at the first push of the process and kept from then on.
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

  /// The sentence about a library that is not there: which package brings it.
  static func missing(_ name: String, package: String, fedoraPackage: String, _ problem: String) -> String {
    "this needs \(name), which cannot be loaded: \(problem); install the package \(package) (Debian, Ubuntu) "
      + "or \(fedoraPackage) (Fedora, RHEL)"
  }
}
