import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

@Suite("what the kernel can do, found out by trying", .networkNamespaces, .serialized)
struct AbilityTests {
  @Test("every ability is found to be there or not", arguments: KernelAbility.allCases)
  func found(ability: KernelAbility) {
    AnswerLog.note("ability \(ability.rawValue)", KernelUnderTest.abilities[ability].map { $0 ? "yes" : "no" } ?? "not found out")
    #expect(KernelUnderTest.abilities[ability] != nil)
  }

  @Test("a setting is an ability exactly where its file is")
  func files() throws {
    for (ability, name) in [(KernelAbility.hasReuseDelay, "tcp_tw_reuse_delay"), (.hasStepWidth, "ip_local_port_step_width")] {
      let isThere = try FileReader.bytesIfPresent(of: "/proc/sys/net/ipv4/\(name)") != nil
      #expect(KernelUnderTest.abilities[ability] == isThere)
    }
  }

  @Test("the trial leaves no socket behind, in a namespace that it may not leave")
  func traces() async throws {
    let left = try await NetworkNamespace.run { _ in
      try NamespaceThread.run { _ in
        let scraper = Scenario.scraper(.netlink)
        scraper.findAbilities()
        scraper.tryAbilities()
        return scraper.snapshot([.tcp]).namespaces[0].tcp?.sockets.total
      }
    }
    #expect(left == 0)
  }

  @Test("without the right to make a namespace the same is found, where a socket can have a range of its own")
  func unprivileged() async throws {
    let found = try await Unprivileged.run {
      let scraper = PoolScraper(ScraperConfiguration(proc: ProcFileSystem(view: .thread)))
      scraper.findAbilities()
      scraper.tryAbilities()
      return scraper.abilities
    }
    for ability in [KernelAbility.reusesFinWait2, .countsMilliseconds] {
      #expect(found[ability] == (KernelUnderTest.abilities[.hasSocketRange] == true ? KernelUnderTest.abilities[ability] : nil))
    }
  }

  @Test(
    "where nothing is reused there is nothing to see, and the rest is found", arguments: [("tcp_tw_reuse", "0"), ("tcp_timestamps", "0")])
  func nothingReused(sysctl: String, value: String) async throws {
    let found = try await NetworkNamespace.run(sysctls: ["ipv4/\(sysctl)": value]) { _ in
      try NamespaceThread.run { _ in
        guard (try? Unprivileged.become()) != nil else { return KernelAbilities() }
        let scraper = Scenario.scraper(.netlink)
        scraper.findAbilities()
        scraper.tryAbilities()
        return scraper.abilities
      }
    }
    #expect(found[.reusesFinWait2] == nil && found[.countsMilliseconds] == nil)
    #expect(found[.listsBoundSockets] == KernelUnderTest.abilities[.listsBoundSockets])
  }
}
