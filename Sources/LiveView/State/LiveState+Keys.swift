internal import PortModel
package import Terminal

/// What a key asks of the program, apart from the change of the state.
package enum KeyEffect: Sendable, Hashable {
  case none
  case quit
  /// Take a snapshot now, without waiting for the interval.
  case look
  /// Redraw everything.
  case redraw
}

extension LiveState {
  /// Takes in a key.
  package mutating func press(_ key: Key) -> KeyEffect {
    if key == .control("L") { return .redraw }
    if isEditingFilter {
      edit(key)
      return .none
    }
    if showsHelp {
      showsHelp = false
      return key == .character("q") ? .quit : .none
    }
    switch key {
    case .character("q"), .character("Q"): return .quit
    case .character("r"): return isPaused ? .none : .look
    case .character("p"), .character(" "):
      isPaused.toggle()
      return isPaused ? .none : .look
    case .character("?"), .character("h"): showsHelp = true
    case .character("/"): isEditingFilter = true
    case .escape: clear()
    case .character("s"): sort { $0.advance() }
    case .character("S"): sort { $0.isReversed.toggle() }
    case .tab: choosePool(by: 1)
    case .backTab: choosePool(by: -1)
    case .character("n"): chooseNamespace(by: 1)
    case .character("N"): chooseNamespace(by: -1)
    case .left: chooseScreen(by: -1)
    case .right: chooseScreen(by: 1)
    case .character(let character): choose(character)
    default: scroll(key)
    }
    return .none
  }

  private mutating func edit(_ key: Key) {
    switch key {
    case .enter: isEditingFilter = false
    case .escape: clear()
    case .backspace: if filter.isEmpty { isEditingFilter = false } else { filter.removeLast() }
    case .control("U"): filter = ""
    case .control("W"): filter = String(filter[..<(filter.lastIndex(of: " ") ?? filter.startIndex)])
    case .character(let character) where filter.count < 60: filter.append(character)
    default: return
    }
    offset = 0
  }

  /// Undoes what was chosen: the filter first, then the screen.
  private mutating func clear() {
    if isEditingFilter || !filter.isEmpty {
      (isEditingFilter, filter) = (false, "")
    } else {
      screen = .overview
    }
    offset = 0
  }

  private mutating func sort(_ change: (inout TupleOrder) -> Void) {
    change(&order)
    offset = 0
  }

  private mutating func choosePool(by step: Int) {
    guard let pools = namespace?.pools, let pool else { return }
    poolID = Self.next(pools.map(\.id), pool.id, step)
  }

  private mutating func chooseNamespace(by step: Int) {
    guard let namespace else { return }
    namespaceName = Self.next(orderedNamespaces.map(\.name), namespace.name, step)
    offset = 0
  }

  private mutating func chooseScreen(by step: Int) {
    screen = Self.next(screens, screen, step)
    offset = 0
  }

  private mutating func choose(_ character: Character) {
    switch character {
    case "j": scroll(.down)
    case "k": scroll(.up)
    case "g": scroll(.home)
    case "G": scroll(.end)
    default:
      guard let number = character.wholeNumberValue, let chosen = Screen(rawValue: number), screens.contains(chosen) else { return }
      screen = chosen
      offset = 0
    }
  }

  private mutating func scroll(_ key: Key) {
    let last = max(0, rowCount - 1)
    switch key {
    case .up: offset -= 1
    case .down: offset += 1
    case .pageUp: offset -= 10
    case .pageDown: offset += 10
    case .home: offset = 0
    case .end: offset = last
    default: return
    }
    offset = max(0, min(last, offset))
  }

  /// The rows of the list that the screen shows.
  private var rowCount: Int {
    switch screen {
    case .overview, .tuples: tuples.count
    case .ports: 0
    case .owners: owners.count
    case .namespaces: namespaces.count
    }
  }

  /// The element `step` after `element`, wrapping around at the ends.
  private static func next<Element: Equatable>(_ all: [Element], _ element: Element, _ step: Int) -> Element {
    guard let index = all.firstIndex(of: element) else { return all.first ?? element }
    return all[(index + step + all.count) % all.count]
  }
}
