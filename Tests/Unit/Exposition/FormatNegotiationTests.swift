import Exposition
import TestSupport
import Testing

@Suite("Which format a client gets")
struct FormatNegotiationTests {
  static let text = "text/plain; version=0.0.4; charset=utf-8"
  static let open = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  @Test(
    "by Accept",
    arguments: [
      // Real clients.
      (nil, text), ("", text), ("*/*", text),
      (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        open
      ),
      (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "\(open); escaping=allow-utf-8"
      ),
      (
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.2",
        text
      ),
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3",
        text
      ),
      ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", text),
      ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", text),
      // Weights.
      ("text/plain;q=0.5,application/openmetrics-text;q=0.6", open), ("text/plain;q=0.6,application/openmetrics-text;q=0.5", text),
      ("application/openmetrics-text;q=0.0005,text/plain;q=0.0004", open),
      ("application/openmetrics-text;q=1.000,text/plain;q=0.999", open),
      ("application/openmetrics-text,*/*", open), ("application/*,text/plain;q=0.9", open), ("application/*", open), ("text/*", text),
      ("application/openmetrics-text,text/plain", open), ("text/plain,application/openmetrics-text", text),
      ("application/openmetrics-text,text/plain;version=0.0.4", open), ("text/*,application/openmetrics-text", open),
      // q=0 refuses, and the most specific range decides.
      ("application/openmetrics-text;q=0,*/*", text), ("text/plain;q=0,*/*", open), ("*/*;q=0", text),
      ("text/plain;q=0,application/openmetrics-text;q=0", text),
      ("text/plain;version=0.0.4;q=0,text/plain,application/openmetrics-text;q=0.1", open),
      ("application/openmetrics-text;version=1.0.0;q=0.1,application/openmetrics-text,text/plain;q=0.5", text),
      ("text/*;q=0.9,text/plain;q=0.1,application/*;q=0.5", open),
      // Parameters.
      ("application/openmetrics-text;version=0.0.1", text), ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", text),
      ("application/openmetrics-text;charset=UTF-8", open), ("application/openmetrics-text;charset=latin1", text),
      ("application/openmetrics-text;profile=x", text), ("APPLICATION/OpenMetrics-Text;VERSION=\"1.0.0\";Q=1", open),
      ("application/openmetrics-text ; version=1.0.0 ; q=0.9 , text/plain;q=0.8", open),
      ("application/openmetrics-text;q=0.9;version=1.0.0,text/plain;q=0.8", open),
      ("application/openmetrics-text;x=\",text/plain;q=0\\\",\",text/plain;q=0.5,application/openmetrics-text;q=0.4", text),
      // Malformed elements count for nothing.
      ("application/openmetrics-text;q=2,text/plain;q=0.1", text), ("application/openmetrics-text;q=abc", text),
      ("application/openmetrics-text;q=-1", text), ("application/openmetrics-text;q=1.5", text), ("application/openmetrics-text;q=", text),
      ("application", text), ("/", text), ("*/plain", text), (",,,;;;===", text), ("application/openmetrics-text;version=\"1.0.0", text),
      ("nonsense here,application/openmetrics-text", open), (", ,application/openmetrics-text,", open),
      ("application/openmetrics-text;;q=1;", open),
      // Escaping schemes.
      ("application/openmetrics-text;version=1.0.0;escaping=dots", "\(open); escaping=dots"),
      ("text/plain;version=0.0.4;escaping=underscores", "\(text); escaping=underscores"),
      ("text/plain;escaping=values;q=0.2", "\(text); escaping=values"), ("text/plain;escaping=sideways", text),
      ("*/*;escaping=dots", "\(text); escaping=dots"),
    ] as [(String?, String)])
  func byAccept(_ accept: String?, _ contentType: String) {
    #expect(ExpositionFormat.negotiated(accept: accept).contentType == contentType)
  }

  @Test("a header of any length and content gets an answer")
  func anything() {
    var generator = SplitMix64(seed: 7)
    let alphabet = Array("ab*/;,=\"\\ q01.é\u{0}")
    for _ in 0..<5_000 {
      let header = String((0..<Int.random(in: 0...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
      #expect(ExpositionFormat.negotiated(accept: header).syntax == .text004)
    }
    #expect(ExpositionFormat.negotiated(accept: String(repeating: "a/b;c=d,", count: 20_000) + "application/*").syntax == .openMetrics100)
  }
}
