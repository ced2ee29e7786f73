import Foundation

/// An answer as text, in parts.
struct Answer {
  let status: Int
  let headers: [String: String]
  let body: String

  init?(_ text: String) {
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    let first = lines[0].split(separator: " ")
    guard first.count > 1, let status = Int(first[1]) else { return nil }
    self.status = status
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop(while: { $0 == " " })) : ""
    }
    self.headers = headers
    body = String(text[end.upperBound...])
  }
}
