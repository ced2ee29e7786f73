import PortModel
import TestSupport

/// A question, how many times the kernel is known to say yes, and what each source can know of that.
struct Answer: Sendable {
  let question: Question
  let left: Int
  let proc: Int
  let netlink: Int
  let bpf: Int

  /// - Parameters:
  ///   - left: what the kernel gives.
  ///   - proc: what `/proc` predicts where it cannot know better.
  ///   - netlink: the same for inet_diag.
  ///   - bpf: the same for what is counted in the kernel.
  ///   - unlisted: the same for inet_diag on a kernel that does not list sockets that are bound and nothing more.
  init(_ question: Question, _ left: Int, proc: Int? = nil, netlink: Int? = nil, unlisted: Int? = nil, bpf: Int? = nil) {
    self.question = question
    self.left = left
    self.proc = proc ?? left
    // Where the kernel shows no way to UDP sockets, they are counted by inet_diag there too.
    self.bpf = bpf ?? (question.collector == .udp && !KernelUnderTest.showsUDPTables ? netlink : nil) ?? left
    self.netlink = (KernelUnderTest.listsBoundOnly ? nil : unlisted) ?? netlink ?? left
  }
}
