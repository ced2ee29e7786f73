/// Something that kernels differ in and that decides a number.
///
/// It is found out by trying, never told from a version: stable kernels carry what came later. `IP_LOCAL_PORT_RANGE` of Linux 6.3 is in Debian's 6.1,
/// and two releases of 5.10 treat FIN_WAIT2 differently. The raw value is the label value.
package enum KernelAbility: String, Sendable, Hashable, CaseIterable {
  /// inet_diag lists TCP sockets that are bound and neither listen nor connect. Otherwise they are in no table.
  case listsBoundSockets = "lists_bound_sockets"
  /// connect() takes over the port of a FIN_WAIT2 that no program holds, as it does with TIME_WAIT.
  ///
  /// Kernel: the test of `tw_substate` in `tcp_twsk_unique`, `net/ipv4/tcp_ipv4.c`.
  case reusesFinWait2 = "reuses_fin_wait2"
  /// The age from which on TIME_WAIT may be taken over is counted in milliseconds. Otherwise it ends with the second of the clock that it began in.
  ///
  /// Kernel: `tw_entry_stamp` in place of `tw_ts_recent_stamp` in `tcp_twsk_unique`.
  case countsMilliseconds = "counts_time_wait_in_milliseconds"
  /// That age is a setting: `net.ipv4.tcp_tw_reuse_delay`.
  case hasReuseDelay = "tcp_tw_reuse_delay"
  /// How far apart the ports lie that are tried one after the other is a setting: `net.ipv4.ip_local_port_step_width`.
  case hasStepWidth = "ip_local_port_step_width"
  /// A program can narrow the range for a socket: the option `IP_LOCAL_PORT_RANGE`.
  case hasSocketRange = "ip_local_port_range_option"
}

/// What was found out about the running kernel so far.
package struct KernelAbilities: Sendable, Hashable {
  private var found: [KernelAbility: Bool] = [:]

  package init() {}

  /// `nil` for what could not be found out.
  package subscript(ability: KernelAbility) -> Bool? {
    get { found[ability] }
    set { found[ability] = newValue }
  }

  /// Abilities that were found out, in a fixed order.
  package var all: [(ability: KernelAbility, isPresent: Bool)] {
    KernelAbility.allCases.compactMap { ability in found[ability].map { (ability, $0) } }
  }
}
