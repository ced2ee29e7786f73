import Endpoint

extension FuzzTarget {
  /// A connection answers the requests that a strict reader finds, in their order, and nothing else: what the reader refuses is answered
  /// with an error and the end of the connection at most, so no request can be smuggled past a proxy that reads strictly. In how many
  /// pieces the bytes come, and how fast the client reads, changes no answer.
  static let requests: [FuzzTarget] = [
    FuzzTarget(name: "http-request") { bytes in
      let requests = StrictRequest.all(in: bytes)
      // Any place will do, as long as the same input is cut at the same one.
      let cut = Int(bytes.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }) % (bytes.count + 1)
      let hangsUp = cut % 2 == 0
      let whole = ProbeRun([bytes[...]], hangsUp: hangsUp)
      let answers = ProbeAnswer.all(in: whole.said, to: requests)
      check(answers, of: whole, to: requests)
      // Byte by byte, or as nearly so as the time allows.
      let width = bytes.count / 64 + 1
      let crumbs = stride(from: 0, to: bytes.count, by: width).map { bytes[$0..<min($0 + width, bytes.count)] }
      for pieces in [crumbs, [bytes[..<cut], bytes[cut...]]] {
        let run = ProbeRun(pieces, hangsUp: hangsUp)
        let others = ProbeAnswer.all(in: run.said, to: requests)
        require(isSame(answers, others), "in pieces \(others), whole \(answers)")
        check(others, of: run, to: requests)
      }
      let slow = ProbeRun([bytes[...]], isSlow: true, hangsUp: hangsUp)
      let late = ProbeAnswer.all(in: slow.said, to: requests)
      check(late, of: slow, to: requests)
      // The server ends a connection that sent too many requests ahead with the answer to the last it took.
      if requests.count <= ProbeRun.limits.pipelinedRequests { require(isSame(answers, late), "slow \(late), whole \(answers)") }
    }
  ]

  private static func check(_ answers: [ProbeAnswer], of run: ProbeRun, to requests: [StrictRequest]) {
    let echoes = answers.filter { !$0.isRefusal }
    require(echoes.count <= requests.count, "\(echoes.count) answers to \(requests.count) requests: \(answers)")
    for (answer, request) in zip(echoes, requests) { require(answer.isEcho(of: request), "\(answer) is none to \(request)") }
    // A request to change the protocol may have a body that is still to come.
    let owed = requests.count - (requests.last?.endsProtocol == true ? 1 : 0)
    let isComplete = (owed...requests.count).contains(answers.count)
    require(!run.isOpen || isComplete, "\(answers.count) answers to \(requests.count) requests, and it waits")
    require(run.isOpen != (answers.last?.isLast ?? false), "open: \(run.isOpen), after \(answers)")
    let farewell = ProbeAnswer.all(in: run.farewell, to: [])
    require(farewell.count <= 1 && farewell.allSatisfy { $0.isRefusal && [400, 408].contains($0.status) }, "at the end \(farewell)")
    require(run.isOpen || farewell.isEmpty, "\(farewell) after \(answers)")
  }

  private static func isSame(_ answers: [ProbeAnswer], _ others: [ProbeAnswer]) -> Bool {
    answers.count == others.count && zip(answers, others).allSatisfy { $0 == $1 || ($0.isRefusal && $1.isRefusal) }
  }
}
