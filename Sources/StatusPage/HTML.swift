/// An HTML document under construction, as UTF-8.
///
/// Elements close themselves, so markup is balanced, and every text and attribute value is escaped, so a name from outside never becomes
/// markup. The only text written as it is comes from ``EmbeddedFile``. The document is well-formed XML too, but for the contents of its script.
///
/// ```swift
/// html.element(.li, ["class": "pool ok"]) { html in
///   html.element(.b, text: "16,227")
///   html.text(" left")
/// }
/// ```
struct HTML {
  private(set) var bytes = Array("<!DOCTYPE html>\n".utf8)

  /// What has contents and a closing tag. Style and script are no part of it: text cannot be escaped there.
  enum Element: String {
    case html, head, title, noscript, body, header, nav, main, section, footer
    case h2, h3, h4, p, div, span, b, strong, code, a, button, time
    case ul, li, dl, dt, dd, figure, figcaption, table, thead, tbody, tr, th, td
    case svg

    /// Whether a line ends after it. Where whitespace is never shown this keeps the source readable.
    fileprivate var endsLine: Bool {
      switch self {
      case .head, .title, .noscript, .body, .html, .header, .main, .section, .footer, .h2, .h3, .ul, .li, .dl, .figure, .figcaption, .table,
        .thead, .tr:
        true
      default: false
      }
    }
  }

  /// What has attributes only.
  enum EmptyElement: String {
    case meta, link, path, rect
  }

  /// The attributes in the order in which they are written; one without a value is left out.
  typealias Attributes = KeyValuePairs<StaticString, String?>

  /// Adds an element with what `contents` adds to it.
  mutating func element(_ element: Element, _ attributes: Attributes = [:], contents: (inout HTML) -> Void) {
    open(element.rawValue, attributes)
    add(">")
    contents(&self)
    close(element.rawValue)
    if element.endsLine { add("\n") }
  }

  /// Adds an element with a text.
  mutating func element(_ element: Element, _ attributes: Attributes = [:], text: String = "") {
    self.element(element, attributes) { html in html.text(text) }
  }

  /// Adds an element without contents.
  mutating func empty(_ element: EmptyElement, _ attributes: Attributes) {
    open(element.rawValue, attributes)
    add("/>")
    if element != .rect { add("\n") }
  }

  /// Adds the page's style or script.
  mutating func embed(_ file: EmbeddedFile) {
    open(file.rawValue, [:])
    add(">")
    bytes += file.bytes
    close(file.rawValue)
    add("\n")
  }

  /// Adds a text. Control characters and those that reorder the text around them become U+FFFD.
  mutating func text(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": add("&amp;")
      case "<": add("&lt;")
      case ">": add("&gt;")
      case "\"": add("&quot;")
      case "\t", "\n", " "..."~": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      case "\0"..."\u{9f}", "\u{61c}", "\u{200e}", "\u{200f}", "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}", "\u{fffe}", "\u{ffff}":
        add("\u{fffd}")
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }

  private mutating func open(_ name: String, _ attributes: Attributes) {
    add("<")
    add(name)
    for (name, value) in attributes {
      guard let value else { continue }
      add(" ")
      add(name.description)
      add("=\"")
      text(value)
      add("\"")
    }
  }

  private mutating func close(_ name: String) {
    add("</")
    add(name)
    add(">")
  }

  private mutating func add(_ markup: String) { bytes.append(contentsOf: markup.utf8) }
}

/// The files that are part of the page. The package manager makes arrays of them that are in the program's read-only data.
enum EmbeddedFile: String {
  /// The style sheet, light and dark.
  case style
  /// Without the script the page is complete and reloads itself. With it only the contents are replaced, which disturbs neither scrolling
  /// nor a screen reader, and the map names the port under the pointer.
  case script

  var bytes: [UInt8] {
    switch self {
    case .style: PackageResources.page_css
    case .script: PackageResources.page_js
    }
  }
}

extension Int {
  /// The number for people: `28,232`.
  var grouped: String {
    let digits = String(magnitude)
    var result = self < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
