internal import ArgumentParser
internal import Push

extension PushFormat: ExpressibleByArgument {}
extension PushMethod: ExpressibleByArgument {}
extension PushCompression: ExpressibleByArgument {}
