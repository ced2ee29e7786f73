import ArgumentParser
import Logging
import ServiceLifecycle
@main struct Portpool: ParsableCommand {}
