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
  ///   - unlisted: the same for inet_diag on a kernel that does not list sockets that are bound and nothing more.
  init(_ question: Question, _ left: Int, proc: Int? = nil, netlink: Int? = nil, unlisted: Int? = nil) {
    self.question = question
    self.left = left
    self.proc = proc ?? left
    self.netlink = (KernelUnderTest.listsBoundOnly ? nil : unlisted) ?? netlink ?? left
  }
}
