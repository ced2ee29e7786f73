import Kernel
import PortModel
import Scraper
import TestSupport
import Testing

extension KernelUnderTest {
  static let abilities = {
    let scraper = PoolScraper(ScraperConfiguration())
    scraper.findAbilities()
    scraper.tryAbilities()
    return scraper.abilities
  }()

  /// Whether sockets can be counted inside it; why not is printed once.
  static let countsInKernel = {
    let reason = SocketCounter.prepare()
    if let reason { print("not counted in the kernel: \(reason)") }
    return reason == nil
  }()

  /// The sources that know who chose a port.
  static var sourcesOfBinds: [Scraper.SourceChoice] { countsInKernel ? [.netlink, .bpf] : [.netlink] }

  /// Whether refused ports can be counted in it; why not, or not all, is printed once.
  static let countsRefusals = {
    do throws(ReadError) {
      if let remark = try RefusalCounter.reading().remark { print(remark) }
      return true
    } catch {
      print("refused ports are not counted: \(error)")
      return false
    }
  }()

  /// Whether searches for a port can be timed in it; why not is printed once.
  static let timesSearches = {
    do throws(ReadError) {
      _ = try PortSearchTimer.reading()
      return true
    } catch {
      print("searches for a port are not timed: \(error)")
      return false
    }
  }()

  /// Whether inet_diag lists sockets that are bound and neither listen nor connect (Linux 6.8).
  static var listsBoundOnly: Bool { abilities[.listsBoundSockets] == true }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where bound sockets are in no table.
  static var boundSocketsListed: Self {
    .enabled(if: KernelUnderTest.listsBoundOnly, "this kernel lists no bound sockets")
  }

  /// Skips a test where programs may not count in the kernel.
  static var countedInKernel: Self { .enabled(if: KernelUnderTest.countsInKernel, "nothing is counted inside this kernel") }

  /// Skips a test where no program may follow the kernel's functions.
  static var searchesTimed: Self { .enabled(if: KernelUnderTest.timesSearches, "searches for a port are not timed in this kernel") }

  /// Skips a test where programs may not be attached to the kernel.
  static var refusalsCounted: Self { .enabled(if: KernelUnderTest.countsRefusals, "refused ports are not counted in this kernel") }
}
