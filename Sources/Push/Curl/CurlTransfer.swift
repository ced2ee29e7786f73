internal import CCurl

/// One transfer with everything libcurl uses until it ends: options, header list, error text, the beginning of the answer.
///
/// The corresponding C functions are `curl_easy_init` and `curl_easy_cleanup`.
@safe struct CurlTransfer: ~Copyable {
  private let library: CurlLibrary
  let handle: UnsafeMutableRawPointer
  private var headers: CurlList
  private let problem: UnsafeMutablePointer<CChar>
  let answer: AnswerBuffer
  /// It fails if libcurl would use a proxy.
  var isKeptFromProxies = false

  /// - Parameter answerLimit: how many bytes of the answer to keep.
  init(_ library: CurlLibrary, answerLimit: Int) throws(PushError) {
    guard let handle = unsafe library.functions.pointee.easy_init() else {
      throw PushError(.library, "libcurl has no memory for a transfer")
    }
    self.library = library
    answer = AnswerBuffer(capacity: answerLimit)
    unsafe self.handle = handle
    headers = CurlList(library)
    unsafe problem = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  /// Gives libcurl the memory for its error text and for the answer.
  func prepareMemory() throws(PushError) {
    try unsafe set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(problem))
    try unsafe set(CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque())
    let result = unsafe ccurl_set_writer(library.functions, handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let answer = unsafe Unmanaged<AnswerBuffer>.fromOpaque(context).takeUnretainedValue()
      unsafe answer.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    try check(CURLOPT_WRITEFUNCTION, result)
  }

  deinit {
    // libcurl first: it may still read the list and write to the text.
    unsafe library.functions.pointee.easy_cleanup(handle)
    unsafe problem.deallocate()
  }

  /// Adds a request header line: `Content-Type: text/plain`.
  mutating func addHeader(_ line: String) throws(PushError) {
    try headers.append(line)
    try check(CURLOPT_HTTPHEADER, unsafe ccurl_set_list(library.functions, handle, CURLOPT_HTTPHEADER, headers.first))
  }

  /// Sets the body, of which libcurl keeps a copy.
  func setBody(_ body: [UInt8]) throws(PushError) {
    let size = unsafe ccurl_set_offset(library.functions, handle, CURLOPT_POSTFIELDSIZE_LARGE, Int64(body.count))
    try check(CURLOPT_POSTFIELDSIZE_LARGE, size)
    let result = unsafe body.withUnsafeBytes { bytes in
      // libcurl only reads from it. An empty body has no address, and none is needed for it.
      unsafe ccurl_set_pointer(library.functions, handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
    try check(CURLOPT_COPYPOSTFIELDS, result)
  }

  /// The corresponding C function is `curl_easy_setopt`, for a number.
  func set(_ option: CURLoption, _ value: Int) throws(PushError) {
    try check(option, unsafe ccurl_set_long(library.functions, handle, option, value))
  }

  /// Sets an option that older libraries do not know, and do without.
  func setIfKnown(_ option: CURLoption, _ value: Int) { _ = unsafe ccurl_set_long(library.functions, handle, option, value) }

  /// For a text, which libcurl copies.
  func set(_ option: CURLoption, _ value: String) throws(PushError) {
    try check(option, unsafe ccurl_set_string(library.functions, handle, option, value))
  }

  /// Removes the default of a text option.
  func clear(_ option: CURLoption) throws(PushError) {
    try check(option, unsafe ccurl_set_string(library.functions, handle, option, nil))
  }

  private func set(_ option: CURLoption, _ memory: UnsafeMutableRawPointer) throws(PushError) {
    try check(option, unsafe ccurl_set_pointer(library.functions, handle, option, memory))
  }

  /// The corresponding C function is `curl_easy_getinfo`, for a number; `nil` when libcurl does not know it.
  func number(_ information: CURLINFO) -> Int? {
    let value = unsafe ccurl_get_long(library.functions, handle, information)
    return value < 0 ? nil : value
  }

  /// For an offset or time; `nil` when libcurl does not know it.
  func offset(_ information: CURLINFO) -> Int64? {
    let value = unsafe ccurl_get_offset(library.functions, handle, information)
    return value < 0 ? nil : value
  }

  /// libcurl's words for a result: about this transfer if it has any, else in general.
  func words(_ result: CURLcode) -> String {
    let own = unsafe String(cString: problem)
    if !own.isEmpty { return own }
    guard let text = unsafe library.functions.pointee.easy_strerror(result) else { return "error \(result.rawValue)" }
    return unsafe String(cString: text)
  }

  private func check(_ option: CURLoption, _ result: CURLcode) throws(PushError) {
    guard result != CURLE_OK else { return }
    throw PushError(.library, "this libcurl does not take its option \(option.rawValue): error \(result.rawValue)")
  }
}

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
