internal import Glibc

/// Memory that programs in the kernel write and this process reads in place. The corresponding C functions are `mmap` and `munmap`.
@safe struct BPFMemory: ~Copyable {
  let start: UnsafeMutableRawPointer
  let count: Int

  /// - Parameter descriptor: of a map that was made with `BPF_F_MMAPABLE`; not needed afterwards.
  init(descriptor: Int32, _ count: Int, _ name: String) throws(ReadError) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    self.count = (count + page - 1) / page * page
    guard let start = unsafe mmap(nil, self.count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), unsafe start != MAP_FAILED else {
      throw .systemCall(.last("mmap", name))
    }
    unsafe self.start = start
  }

  deinit { unsafe munmap(start, count) }

  /// The elements, whose layout is the programs' own.
  borrowing func elements<Element>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
    unsafe start.assumingMemoryBound(to: type)
  }

  borrowing func clear() { unsafe memset(start, 0, count) }

  /// Clears the first `count` elements.
  borrowing func clear<Element>(_ type: Element.Type, _ count: Int) {
    unsafe memset(start, 0, min(self.count, count * MemoryLayout<Element>.stride))
  }
}
