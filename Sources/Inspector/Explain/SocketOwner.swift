internal import PortModel

/// Who has a socket open, or why that cannot be said.
package enum SocketOwner: Sendable, Hashable {
  case processes([ProcessDescription])
  case nobody(Gap)

  /// Why no process is named.
  package enum Gap: String, Sendable, Hashable {
    /// The connection is over; the kernel keeps its number for a while.
    case timeWait = "time_wait"
    /// The program has closed it; the kernel brings it to its end.
    case closedByProgram = "closed_by_program"
    /// It waits in the accept queue of its listener.
    case notAccepted = "not_accepted"
    /// The handshake is not over.
    case halfOpen = "half_open"
    /// Another user's process: only root may see which.
    case needsRights = "needs_rights"
    /// No process of this `/proc` has it open.
    case notInProc = "not_in_proc"

    /// Why, in a sentence that goes on from "owner unknown:".
    package var sentence: String {
      switch self {
      case .timeWait: "TIME_WAIT has no owner: the connection is over, and the kernel keeps its port until late packets have died out"
      case .closedByProgram: "its program has closed it, and the kernel is finishing the connection"
      case .notAccepted: "it waits in the accept queue: the listener's program has not taken it yet"
      case .halfOpen: "the handshake is not finished, so no program has it yet"
      case .needsRights: "another user's process has it, and only root may see which: run this with sudo"
      case .notInProc:
        "no process in this /proc has it open: the kernel itself does (NFS, WireGuard), or a process in a PID namespace not seen from here, such as a container's; run this on the host"
      }
    }

    /// The same in two or three words, for a column.
    package var short: String {
      switch self {
      case .timeWait: "no owner (TIME_WAIT)"
      case .closedByProgram: "no owner (closed by its program)"
      case .notAccepted: "no owner yet (not accepted)"
      case .halfOpen: "no owner yet (handshake)"
      case .needsRights: "unknown (run as root)"
      case .notInProc: "unknown (kernel, or another PID namespace)"
      }
    }
  }

  package var processes: [ProcessDescription] {
    if case .processes(let processes) = self { return processes }
    return []
  }
}

extension SocketOwner.Gap {
  /// Why no process is known for a socket, as far as the socket itself tells.
  ///
  /// - Parameter mayBeQueued: whether it may wait in a listener's accept queue, where a connection that was opened from here never is.
  init(of record: SocketRecord, seesAll: Bool, mayBeQueued: Bool) {
    guard record.inode == 0 else {
      self = seesAll ? .notInProc : .needsRights
      return
    }
    self =
      switch record.state {
      case .timeWait: .timeWait
      case .newSynReceived, .synReceived: .halfOpen
      // A program that closes such a connection takes it out of this state.
      case .established where mayBeQueued, .closeWait where mayBeQueued: .notAccepted
      default: .closedByProgram
      }
  }
}
