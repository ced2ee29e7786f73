// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "../include/counts.h"
#include "read.h"

// Memory shared with user space, which sizes the arrays for one namespace or for many before it loads the programs.

struct counts_settings settings SEC(".bss.settings");
struct counts_totals totals SEC(".bss.totals");
struct counts_namespaces namespaces SEC(".bss.namespaces");
struct counts_copied copied SEC(".bss.copied");

ARRAY(slots, counts_slot, 1);
ARRAY(pages, counts_page, COUNTS_OWN_PAGES);
ARRAY(states, counts_states, COUNTS_OWN_BLOCKS);
ARRAY(tuples4, counts_tuple4, COUNTS_TUPLES4);
ARRAY(tuples6, counts_tuple6, COUNTS_TUPLES6);
ARRAY(used_addresses, counts_used_address, COUNTS_ADDRESSES);
ARRAY(address_pages, counts_address_page, COUNTS_OWN_ADDRESS_PAGES);
ARRAY(own_addresses, counts_own_address, COUNTS_OWN_ADDRESSES);
ARRAY(sketch, counts_sketch, 1);
ARRAY(devices, counts_device, COUNTS_DEVICES);
ARRAY(vrf_ports, counts_vrf_port, COUNTS_VRF_PORTS);
ARRAY(udp_holders, counts_udp_holder, COUNTS_OWN_UDP_HOLDERS);
