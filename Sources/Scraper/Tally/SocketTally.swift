internal import PortModel

/// What a source fills. It is told of one socket after the other and keeps sums and sets, never the sockets.
protocol SocketTally: ~Copyable {
  mutating func observe(_ record: SocketRecord)
  /// Forgets what was counted, when the source has to begin again.
  mutating func restart()
  /// Marks a port that a program chose itself, by `bind` to a number.
  mutating func bindExplicitly(_ port: Port)
}
