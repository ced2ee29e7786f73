import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

/// What a kernel says that was booted with `lockdown=`: confidentiality keeps programs from reading its memory, integrity does not.
@Suite("lockdown", .networkNamespaces, .enabled(if: Lockdown.mode != nil, "this kernel was booted without lockdown"), .serialized)
struct LockdownTests {
  private var isConfidential: Bool { Lockdown.mode == "confidentiality" }

  @Test("sockets are counted in the kernel unless its memory is confidential; then they are listed, and one remark names lockdown")
  func sockets() async throws {
    for source in [SourceChoice.bpf, .auto] {
      let snapshot = try await NetworkNamespace.run { _ in
        var held = [try TestSocket.listener(a)]
        held += try TestSocket.clients(7, to: a)
        defer { withExtendedLifetime(held) {} }
        // As by whoever decided for it, having the rights.
        let configuration = ScraperConfiguration(proc: ProcFileSystem(view: .thread), source: source, countsInKernel: true)
        return PoolScraper(configuration).snapshot([.tcp])
      }
      #expect(snapshot.problems == [] && snapshot.source == (isConfidential ? .netlink : .bpf))
      #expect(snapshot.namespaces.first?.tcp?.pressure?.exactness == (isConfidential ? .upperBound : .exact))
      #expect(snapshot.namespaces.first?.tcp?.pressure?.connect.tuples.first?.used == 7)
      let remarks = snapshot.remarks.filter { $0.contains("instead") }
      #expect(remarks.count == (isConfidential ? 1 : 0) && remarks.allSatisfy { $0.contains("lockdown=confidentiality") }, "\(remarks)")
    }
  }

  @Test("it is no lack of rights, of which nothing would be said where nobody asked for it")
  func rights() {
    let refusal = SocketCounter.prepare()
    #expect(SocketCounter.mayLoad && (refusal == nil) == !isConfidential)
    #expect(refusal?.lacksRights != true)
  }

  @Test("refused ports are counted unless its memory is confidential, and lockdown is named")
  func refusals() async throws {
    do throws(ReadError) {
      let reading = try RefusalCounter.reading()
      #expect(!isConfidential, "\(reading.remark ?? "counted")")
    } catch {
      #expect(isConfidential && "\(error)".contains("lockdown=confidentiality"), "\(error)")
    }
  }
}

private enum Lockdown {
  /// `integrity` or `confidentiality`; `nil` for none, and where it cannot be read.
  static let mode: String? = {
    let bytes = try? FileReader.bytes(of: "/sys/kernel/security/lockdown")
    // None is marked as `[none] integrity confidentiality`.
    let words = String(decoding: bytes ?? [], as: UTF8.self).split { $0 == " " || $0 == "\n" }
    return ["integrity", "confidentiality"].first { words.contains("[\($0)]") }
  }()
}
