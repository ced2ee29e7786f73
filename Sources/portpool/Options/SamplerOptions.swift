internal import ArgumentParser

/// Peaks between scrapes.
struct SamplerOptions: ParsableArguments {
  @Option(
    name: .customLong("sampler.interval"),
    help: ArgumentHelp(
      "Also sample the fullest tuple at this interval, such as 1s, and export a histogram and the peak of the last two minutes (default: off).",
      valueName: "duration"),
    transform: { try Duration(argument: $0) })
  var interval: Duration?

  func validate() throws {
    if let interval, interval < .milliseconds(100) {
      throw ValidationError("--sampler.interval: expected 100ms or more; every sample of a busy host walks the socket table.")
    }
  }
}
