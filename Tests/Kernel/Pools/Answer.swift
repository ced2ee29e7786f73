/// A question, how many times the kernel is known to say yes, and what each source can know of that.
struct Answer: Sendable {
  let question: Question
  let left: Int
  let proc: Int
  let netlink: Int

  /// - Parameters:
  ///   - left: what the kernel gives.
  ///   - proc: what `/proc` predicts where it cannot know better.
  ///   - netlink: the same for inet_diag.
  init(_ question: Question, _ left: Int, proc: Int? = nil, netlink: Int? = nil) {
    self.question = question
    self.left = left
    self.proc = proc ?? left
    self.netlink = netlink ?? left
  }
}
