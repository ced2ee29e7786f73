import Glibc

/// `fuzz` names the targets; `fuzz TARGET [libFuzzer's arguments]` runs one. `Tests/Fuzz/run` is the way to call it.
@main
enum Fuzz {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 2 else {
      FuzzTarget.all.forEach { print($0.name) }
      return
    }
    guard let target = FuzzTarget.all.first(where: { $0.name == arguments[1] }) else {
      print("fuzz: there is no target \"\(arguments[1])\"; without arguments they are listed")
      exit(64)
    }
    FuzzRun.start(target, arguments: [arguments[0]] + arguments.dropFirst(2))
  }
}
