internal import CCurl

/// A list of request headers. The corresponding C type is `struct curl_slist`.
@safe struct CurlList: ~Copyable {
  private let library: CurlLibrary
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  init(_ library: CurlLibrary) {
    self.library = library
    unsafe first = nil
  }

  deinit { unsafe library.functions.pointee.slist_free_all(first) }

  /// Adds a line, `Content-Type: text/plain`. The corresponding C function is `curl_slist_append`.
  mutating func append(_ line: String) throws(PushError) {
    guard let longer = unsafe library.functions.pointee.slist_append(first, line) else {
      throw PushError(.library, "libcurl has no memory for a request header")
    }
    unsafe first = longer
  }
}
