#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# lspci_compare.pl LSPCI JSON - compare what lspci -D -vvv -nn says (file LSPCI) with what
# rbdrv ls --json says (file JSON) of the same bytes, field by field.
#
# lspci's text is eaten piece by piece: every flag and number of it has to be found in the JSON,
# and text that no rule below eats is a difference too. Where lspci and the specification part
# ways, the rule says so ("explained"). Prints differences, then one line of counts; exit status 1
# when there was a difference.
use strict;
use warnings;
no warnings 'portable'; # hex() of 64 bits
use JSON::PP;

my ($lspci_file, $json_file) = @ARGV;
my %count = (devices => 0, capabilities => 0, fields => 0, explained => 0);
my $differences = 0;
our $where = '';

sub slurp {
	my ($name) = @_;
	open(my $in, '<', $name) or die "$name: $!\n";
	local $/;
	return scalar <$in>;
}

sub differ {
	print "$where: @_\n";
	$differences++;
}

sub same { # WHAT OURS THEIRS, as text
	my ($what, $ours, $theirs) = @_;
	$count{fields}++;
	$ours = 'nothing' if !defined $ours;
	differ("$what: we say $ours, lspci $theirs") if "$ours" ne "$theirs";
}

# The value at a path such as "device_status.fatal" of a group.
sub at {
	my ($group, $path) = @_;
	for my $key (split /\./, $path) {
		return undef if ref $group ne 'HASH';
		$group = $group->{$key};
	}
	return $group;
}

sub sign {
	my ($flag) = @_;
	return defined $flag ? ($flag ? '+' : '-') : undef;
}

# Eat "Name+ Other-" flags. The map gives a path for a name; a path that begins with '!' is of a
# flag that says the opposite.
sub eat_flags {
	my ($text, $group, $map) = @_;
	while ($$text =~ s{(?<![\w>/<.-])([<>]?\w[\w/.-]*?)([+-])(?=[\s,;)]|$)}{}) {
		my ($name, $sign) = ($1, $2);
		my $path = $map->{$name};
		if (!defined $path) {
			differ("lspci's flag $name has no rule");
			next;
		}
		my $value = at($group, $path =~ /^!?(.*)/);
		$value = !$value if defined $value && $path =~ /^!/;
		same($path, sign($value), $sign);
	}
}

sub eaten {
	my ($what, $text) = @_;
	differ("$what: lspci's text has no rule: '$text'") if $text !~ /^[\s,;:]*$/;
}

# --- the header -----------------------------------------------------------------------

my %CONTROL = qw(I/O io Mem memory BusMaster bus_master SpecCycle special_cycles
	MemWINV write_and_invalidate VGASnoop vga_snoop ParErr parity_response Stepping stepping
	SERR system_error FastB2B fast_back_to_back DisINTx intx_disable);
my %STATUS = qw(Cap capabilities 66MHz clock_66mhz UDF udf FastB2B fast_back_to_back
	ParErr parity_error >TAbort target_abort_signaled <TAbort target_abort_received
	<MAbort master_abort_received >SERR system_error <SERR system_error
	<PERR parity_error_detected INTx interrupt);
my %BRIDGE_CONTROL = qw(Parity parity_response SERR system_error NoISA isa VGA vga VGA16 vga_16bit
	MAbort master_abort >Reset bus_reset FastB2B fast_back_to_back
	PriDiscTmr primary_discard_timer SecDiscTmr secondary_discard_timer
	DiscTmrStat discard_timer_status DiscTmrSERREn discard_timer_system_error
	ISA isa 16bInt interrupts_16bit PostWrite write_posting);

sub compare_status {
	my ($what, $text, $group) = @_;
	$text =~ s/DEVSEL=(\S+)// and same("$what devsel", $group->{devsel},
		$1 eq '??' ? 'reserved' : $1);
	eat_flags(\$text, $group, \%STATUS);
	eaten($what, $text);
}

sub compare_head {
	my ($text, $d) = @_;
	$text =~ s/^(\S+) // and same('address', $d->{address}, $1);
	$text =~ s/\(prog-if ([0-9a-f]{2})[^)]*(?:\[[^\]]*\])?\)// and
		same('interface', substr($d->{class_hex}, 4), $1);
	$text =~ s/\(rev ([0-9a-f]{2})\)// and same('revision', $d->{revision_hex}, $1);
	$text =~ s/\[([0-9a-f]{4}):([0-9a-f]{4})\]\s*$// and
		same('ids', "$d->{vendor_hex}:$d->{device_hex}", "$1:$2");
	$text =~ s/^.*?\[([0-9a-f]{4})\]: *// and same('class', substr($d->{class_hex}, 0, 4), $1);
	# What is left are names out of pci.ids, which librbdrv reads through libpciaccess.
	$text =~ s/\s+$//;
	if (defined $d->{vendor_name}) {
		my $name = $d->{device_name} // 'Device';
		same('names', "$d->{vendor_name} $name", $text);
	} elsif (grep { defined $_->{vendor_name} } $d) {
		eaten('names', $text);
	}
}

sub compare_region {
	my ($index, $text, $d) = @_;
	my ($bar) = grep { $_->{index} == $index } @{ $d->{bars} // [] };
	# Out of a dump lspci also shows the upper half of a 64-bit BAR, when it is not zero, as a
	# region of its own, at an address that it ignores.
	my ($lower) = grep { $_->{index} == $index - 1 } @{ $d->{bars} // [] };
	if (!$bar && $lower && ($lower->{bits} // 0) == 64 && $text =~ /^(?:Memory|I\/O ports) at <(?:ignored|unassigned)>/) {
		$count{explained}++;
		return;
	}
	return differ("we have no BAR $index") if !$bar;
	$bar->{seen} = 1;
	my $enabled = $text !~ s/ \[disabled\]//;
	same("BAR $index enabled", sign($bar->{enabled}), $enabled ? '+' : '-');
	if ($text =~ s/^I\/O ports at (\S+)//) {
		same("BAR $index kind", $bar->{kind}, 'io');
		same("BAR $index address", $bar->{address_hex},
			$1 eq '<unassigned>' ? '0000' : $1);
	} elsif ($text =~ s/^Memory at (\S+) \(([^,]+), (non-)?prefetchable\)//) {
		my ($address, $bits, $non) = ($1, $2, $3);
		same("BAR $index kind", $bar->{kind}, 'memory');
		same("BAR $index width", $bar->{bits},
			$bits eq 'low-1M' ? 20 : $bits eq 'type 3' ? 0 : $bits =~ s/-bit//r);
		same("BAR $index prefetchable", sign($bar->{prefetchable}), $non ? '-' : '+');
		$address = 0 if $address =~ /^<(?:unassigned|ignored|broken-64-bit-slot)>$/;
		same("BAR $index address", $bar->{address_hex} =~ s/^0+(?=.)//r,
			$address =~ s/^0+(?=.)//r);
	}
	eaten("BAR $index", $text);
}

sub compare_rom {
	my ($text, $d) = @_;
	my $rom = $d->{rom};
	return differ('we have no ROM') if !$rom;
	$rom->{seen} = 1;
	my $enabled = $text !~ s/ \[disabled\]//;
	$text =~ s/ \[disabled by cmd\]//;
	same('ROM enabled', sign($rom->{enabled}), $enabled ? '+' : '-');
	$text =~ s/^(\S+)//;
	my $address = $1 =~ /^</ ? '00000000' : $1;
	same('ROM address', $rom->{address_hex}, $address);
	eaten('ROM', $text);
}

sub compare_window {
	my ($key, $text, $bridge) = @_;
	my $window = $bridge->{$key};
	return differ("we have no $key") if !$window;
	$window->{seen} = 1;
	$text =~ s/\[(\d+)-bit\]// and same("$key width", $window->{bits}, $1);
	my $open = $text !~ s/\[disabled\]//;
	same("$key open", sign($window->{open}), $open ? '+' : '-');
	$text =~ s/([0-9a-f]+)-([0-9a-f]+)// and
		same("$key range", "$window->{base_hex}-$window->{limit_hex}", "$1-$2");
	if ($text =~ s/\[size=(\d+)([KMGT]?)\]//) {
		my $size = $1 * 1024**index(' KMGT', $2 || ' ');
		my $ours = hex($window->{limit_hex}) - hex($window->{base_hex}) + 1;
		same("$key size", $ours, $size);
	}
	eaten($key, $text);
}

sub compare_header_line {
	my ($line, $d) = @_;
	my $bridge = $d->{bridge};
	if ($line =~ /^Subsystem: .*\[([0-9a-f]{4}):([0-9a-f]{4})\]$/) {
		my $s = $d->{subsystem} // {};
		same('subsystem', ($s->{vendor_hex} // '-') . ':' . ($s->{device_hex} // '-'), "$1:$2");
		delete $d->{subsystem};
	} elsif ($line =~ s/^Control: //) {
		eat_flags(\$line, $d->{control}, \%CONTROL);
		eaten('control', $line);
	} elsif ($line =~ s/^Status: //) {
		compare_status('status', $line, $d->{status});
	} elsif ($line =~ s/^Latency: (\d+)//) {
		my $h = $d->{header};
		same('latency timer', $h->{latency_timer}, $1);
		$line =~ s/Cache Line Size: (\d+) bytes// and
			same('cache line', $h->{cache_line_bytes}, $1);
		$line =~ s/(\d+)ns min// and same('minimum grant', $h->{min_grant_ns}, $1);
		$line =~ s/(\d+)ns max// and same('maximum latency', $h->{max_latency_ns}, $1);
		eaten('latency', $line =~ tr/()//dr);
	} elsif ($line =~ /^Interrupt: pin (\S+) routed to IRQ (\d+)$/) {
		same('interrupt pin', $d->{interrupt}{pin} // '?', $1);
		same('interrupt line', $d->{interrupt}{line}, $2);
	} elsif ($line =~ s/^Region (\d): //) {
		compare_region($1, $line, $d);
	} elsif ($line =~ s/^Expansion ROM at //) {
		compare_rom($line, $d);
	} elsif ($line =~ /^Bus: primary=(..), secondary=(..), subordinate=(..), sec-latency=(\d+)$/) {
		my $b = $bridge // $d->{cardbus} // {};
		same('primary bus', $b->{primary}, hex $1);
		same('secondary bus', $b->{secondary}, hex $2);
		same('subordinate bus', $b->{subordinate}, hex $3);
		same('secondary latency', $b->{secondary_latency}, $4);
	} elsif ($line =~ s/^I\/O behind bridge: *//) {
		compare_window('io_window', $line, $bridge);
	} elsif ($line =~ s/^Memory behind bridge: *//) {
		compare_window('memory_window', $line, $bridge);
	} elsif ($line =~ s/^Prefetchable memory behind bridge: *//) {
		compare_window('prefetchable_window', $line, $bridge);
	} elsif ($line =~ s/^Secondary status: //) {
		compare_status('secondary status', $line, $bridge->{secondary_status});
	} elsif ($line =~ s/^BridgeCtl: //) {
		eat_flags(\$line, ($bridge // $d->{cardbus})->{bridge_control}, \%BRIDGE_CONTROL);
		eaten('bridge control', $line);
	} elsif ($line =~ /^BIST result: (..)$/) {
		same('self-test', $d->{header}{bist_code}, hex $1);
	} elsif ($line eq 'BIST is running') {
		same('self-test', sign($d->{header}{bist_running}), '+');
	} elsif ($line =~ /^!!! Unknown header type (..)$/) {
		same('header type', $d->{header}{type}, hex $1);
	} elsif ($line =~ /^!!! Invalid class/) {
		$count{explained}++; # lspci's opinion of two fields that are compared anyway
	} elsif ($line =~ /^(?:Kernel driver in use|Kernel modules|DeviceName|IOMMU group|NUMA node|Physical Slot):/) {
		$count{explained}++; # what Linux knows of the host's devices, not in their bytes
	} else {
		differ("lspci's line has no rule: '$line'");
	}
}

# --- capabilities -----------------------------------------------------------------------

# Names by id as lspci has them, for those that neither side decodes.
my %NAMED = (
	'00' => qr/^Null/, '02' => qr/^AGP version/, '03' => qr/^Vital Product Data/,
	'04' => qr/^Slot ID/, '06' => qr/^CompactPCI hot-swap/, '07' => qr/^PCI-X/,
	'08' => qr/^HyperTransport/, '09' => qr/^(?:Vendor Specific Information|Intel)/,
	'0a' => qr/^Debug port/, '0b' => qr/^CompactPCI central resource/, '0c' => qr/^Hot-plug/,
	'0e' => qr/^AGP3/, '0f' => qr/^Secure device/, '12' => qr/^SATA HBA/,
	'14' => qr/^Enhanced Allocation/, '15' => qr/^(?:Flattening|Capability ID)/,
	'0002' => qr/^Virtual Channel/, '0004' => qr/^Power Budgeting/,
	'0005' => qr/^Root Complex Link/, '0006' => qr/^Root Complex Internal/,
	'0007' => qr/^Root Complex Event/, '0008' => qr/^Multi-Function/,
	'0009' => qr/^Virtual Channel/, '000a' => qr/^Root Complex Reg/,
	'000b' => qr/^Vendor Specific/, '000e' => qr/^Alternative Routing/,
	'0010' => qr/^Single Root/, '0011' => qr/^Multi-Root/, '0012' => qr/^Multicast/,
	'0013' => qr/^Page Request/, '0016' => qr/^Dynamic Power/, '0017' => qr/^Transaction Proc/,
	'0018' => qr/^Latency Tolerance/, '0019' => qr/^Secondary PCI/,
	'001a' => qr/^Protocol Multi/, '001b' => qr/^Process Address/, '001c' => qr/^LN Requester/,
	'001d' => qr/^Downstream Port/, '001e' => qr/^L1 PM/, '001f' => qr/^Precision Time/,
	'0020' => qr/M.PHY/, '0021' => qr/^FRS/, '0022' => qr/^Readiness/,
	'0023' => qr/^Designated Vendor/, '0025' => qr/^Data Link/, '0026' => qr/^Physical Layer 16/,
	'0027' => qr/^Lane Margining/, '0028' => qr/^Hierarchy/, '0029' => qr/^Native PCIe/,
	'002a' => qr/^Physical Layer 32|^Extended Capability ID 0x2a/, '002e' => qr/^Data Object|0x2e/,
);

my %PME = qw(D0 pme_d0 D1 pme_d1 D2 pme_d2 D3hot pme_d3hot D3cold pme_d3cold);

sub compare_pm {
	my ($c, $head, $sub) = @_;
	$head =~ /^Power Management version (\d+)$/ or return differ("not '$head'");
	same('version', $c->{pm_version}, $1);
	for (@$sub) {
		my $text = $_;
		if ($text =~ s/^Flags: //) {
			if ($text =~ s/PME\(([^)]*)\)//) {
				my $states = $1;
				eat_flags(\$states, $c, \%PME);
				eaten('PME', $states);
			}
			$text =~ s/AuxCurrent=(\d+)mA// and same('current', $c->{aux_current_ma}, $1);
			eat_flags(\$text, $c, { qw(PMEClk pme_clock DSI device_init D1 d1 D2 d2) });
		} elsif ($text =~ s/^Status: D(\d)//) {
			same('state', $c->{state}, $1);
			$text =~ s/DSel=(\d+)// and same('data select', $c->{data_select}, $1);
			$text =~ s/DScale=(\d+)// and same('data scale', $c->{data_scale}, $1);
			eat_flags(\$text, $c, { qw(NoSoftRst no_soft_reset PME-Enable pme_enable
				PME pme_status) });
		} elsif ($text =~ s/^Bridge: //) {
			eat_flags(\$text, $c, { qw(PM bridge_clock_control B3 bridge_b3_in_d3) });
		}
		eaten('power management', $text);
	}
}

sub compare_msi {
	my ($c, $head, $sub) = @_;
	$head =~ s/^MSI: // or return differ("not '$head'");
	$head =~ s/Count=(\d+)\/(\d+)// and
		same('messages', "$c->{messages_enabled}/$c->{messages}", "$1/$2");
	eat_flags(\$head, $c, { qw(Enable enabled Maskable maskable 64bit is_64bit) });
	eaten('MSI', $head);
	for (@$sub) {
		my $text = $_;
		if ($text =~ s/^Address: ([0-9a-f]+) +Data: ([0-9a-f]{4})//) {
			same('address', substr($c->{address_hex}, -length $1), $1);
			same('data', substr($c->{data_hex}, -4), $2);
		} elsif ($text =~ s/^Masking: (\S+) +Pending: (\S+)//) {
			same('mask', $c->{mask_hex}, $1);
			same('pending', $c->{pending_hex}, $2);
		}
		eaten('MSI', $text);
	}
}

sub compare_msix {
	my ($c, $head, $sub) = @_;
	$head =~ s/^MSI-X: // or return differ("not '$head'");
	$head =~ s/Count=(\d+)// and same('vectors', $c->{vectors}, $1);
	eat_flags(\$head, $c, { qw(Enable enabled Masked function_masked) });
	eaten('MSI-X', $head);
	for (@$sub) {
		my $text = $_;
		if ($text =~ s/^(Vector table|PBA): BAR=(\d) offset=(\S+)//) {
			my $which = $1 eq 'PBA' ? 'pba' : 'table';
			same("$which BAR", $c->{"${which}_bar"}, $2);
			same("$which offset", $c->{"${which}_off_hex"}, $3);
		}
		eaten('MSI-X', $text);
	}
}

sub compare_af {
	my ($c, $head, $sub) = @_;
	$head eq 'PCI Advanced Features' or return differ("not '$head'");
	for (@$sub) {
		my $text = $_;
		if ($text =~ s/^AFCap: //) {
			eat_flags(\$text, $c, { qw(TP transactions_pending_cap FLR flr) });
		} elsif ($text =~ s/^AFCtrl: FLR([+-])//) {
			same('reset', hex($c->{raw_control_hex}) & 1 ? '+' : '-', $1);
		} elsif ($text =~ s/^AFStatus: //) {
			eat_flags(\$text, $c, { qw(TP transactions_pending) });
		}
		eaten('advanced features', $text);
	}
}

sub compare_subsystem {
	my ($c, $head, $sub) = @_;
	$head =~ /^Subsystem: .*\[([0-9a-f]{4}):([0-9a-f]{4})\]$/ or return differ("not '$head'");
	same('ids', "$c->{subvendor_hex}:$c->{subdevice_hex}", "$1:$2");
}

my %VIRTIO = (1 => 'CommonCfg', 2 => 'Notify', 3 => 'ISR', 4 => 'DeviceCfg', 8 => 'SharedMemory');

sub compare_virtio {
	my ($c, $head, $sub) = @_;
	$head =~ /^Vendor Specific Information: VirtIO: (\S+)$/ or return differ("not '$head'");
	if ($1 eq '<unknown>' && $c->{type} > 4) {
		$count{explained}++; # no lspci names all types; 3.9 ends at DeviceCfg
	} else {
		same('type', $VIRTIO{ $c->{type} } // '<unknown>', $1);
	}
	for (@$sub) {
		my $text = $_;
		$text =~ s/^BAR=(\d+)// and same('BAR', $c->{bar}, $1);
		$text =~ s/offset=([0-9a-f]+)// and
			same('offset', substr($c->{region_off_hex}, -length $1), $1);
		$text =~ s/size=([0-9a-f]+)// and
			same('size', substr($c->{region_bytes_hex}, -length $1), $1);
		$text =~ s/multiplier=(\S+)// and same('multiplier', $c->{notify_multiplier_hex}, $1);
		$text =~ s/id=(\d+)// and same('id', $c->{id_of_type}, $1);
		eaten('virtio', $text);
	}
}

# --- extended capabilities

my %UNCORRECTABLE = qw(DLP link_protocol SDES surprise_down TLP poisoned FCP flow_control
	CmpltTO completion_timeout CmpltAbrt completer_abort UnxCmplt unexpected_completion
	RxOF overflow MalfTLP malformed ECRC ecrc UnsupReq unsupported_request
	ACSViol acs_violation UncorrIntErr internal BlockedTLP multicast_blocked
	AtomicOpBlocked atomic_blocked TLPBlockedErr prefix_blocked
	PoisonTLPBlocked poisoned_blocked DMWrReqBlocked dmwr_blocked IDECheck ide_check
	MisIDETLP ide_misrouted PCRC_CHECK pcrc TLPXlatBlocked translation_blocked);
my %CORRECTABLE = qw(RxErr receiver BadTLP bad_tlp BadDLLP bad_dllp Rollover replay_rollover
	Timeout replay_timeout AdvNonFatalErr advisory CorrIntErr corrected_internal
	HeaderOF log_overflow);
my %AER_GROUP = (UESta => ['uncorrectable_status', \%UNCORRECTABLE],
	UEMsk => ['uncorrectable_mask', \%UNCORRECTABLE],
	UESvrt => ['uncorrectable_severity', \%UNCORRECTABLE],
	CESta => ['correctable_status', \%CORRECTABLE], CEMsk => ['correctable_mask', \%CORRECTABLE]);

sub compare_aer {
	my ($c, $head, $sub) = @_;
	$head eq 'Advanced Error Reporting' or return differ("not '$head'");
	for (@$sub) {
		my ($label, $text) = /^(\w+):\s*(.*)$/ or do { eaten('AER', $_); next };
		if (my $group = $AER_GROUP{$label}) {
			eat_flags(\$text, $c->{ $group->[0] }, $group->[1]);
		} elsif ($label eq 'AERCap') {
			my $control = $c->{control};
			$text =~ s/First Error Pointer: (..)// and
				same('first error', $control->{first_error}, hex $1);
			eat_flags(\$text, $control, { qw(ECRCGenCap ecrc_generation
				ECRCGenEn ecrc_generation_enabled ECRCChkCap ecrc_check
				ECRCChkEn ecrc_check_enabled MultHdrRecCap multiple_headers
				MultHdrRecEn multiple_headers_enabled TLPPfxPres prefix_log_present
				HdrLogCap timeout_log) });
		} elsif ($label eq 'HeaderLog') {
			same('header log', $c->{logs}{header}, $text =~ tr/ //dr);
			$text = '';
		} elsif ($label eq 'RootCmd') {
			eat_flags(\$text, $c->{root}, { qw(CERptEn correctable_enabled
				NFERptEn non_fatal_enabled FERptEn fatal_enabled) });
		} elsif ($label eq 'RootSta') {
			$text =~ s/(?:IntMsgNum|IntMsg) (\d+)// and
				same('interrupt', $c->{root}{interrupt}, $1);
			eat_flags(\$text, $c->{root}, { qw(CERcvd correctable
				MultCERcvd correctable_multiple UERcvd uncorrectable
				MultUERcvd uncorrectable_multiple FirstFatal first_fatal
				NonFatalMsg non_fatal FatalMsg fatal) });
		} elsif ($label eq 'ErrorSrc') {
			$text =~ s/ERR_COR: (\S+)// and
				same('source', $c->{root}{correctable_source_hex}, $1);
			$text =~ s/ERR_FATAL\/NONFATAL: (\S+)// and
				same('source', $c->{root}{uncorrectable_source_hex}, $1);
		}
		eaten("AER $label", $text);
	}
}

sub compare_acs {
	my ($c, $head, $sub) = @_;
	my %map = qw(SrcValid source_validation TransBlk translation_blocking
		ReqRedir request_redirect CmpltRedir completion_redirect
		UpstreamFwd upstream_forwarding EgressCtrl egress_control
		DirectTrans direct_translated);
	$head eq 'Access Control Services' or return differ("not '$head'");
	for (@$sub) {
		my $text = $_;
		$text =~ s/^ACSCap:\s*// ? eat_flags(\$text, $c->{capabilities}, \%map)
			: $text =~ s/^ACSCtl:\s*// ? eat_flags(\$text, $c->{control}, \%map) : 0;
		eaten('ACS', $text);
	}
}

sub compare_ats {
	my ($c, $head, $sub) = @_;
	$head eq 'Address Translation Service (ATS)' or return differ("not '$head'");
	for (@$sub) {
		my $text = $_;
		# lspci prints the fields as they are encoded (PCIe 6.0, 10.5.1): a depth of 0 is 32,
		# a unit is 4096 << n.
		$text =~ s/^ATSCap:\s*Invalidate Queue Depth: (..)// and
			same('queue depth', $c->{queue_depth}, hex($1) || 32);
		if ($text =~ s/^ATSCtl:\s*//) {
			$text =~ s/Smallest Translation Unit: (..)// and
				same('unit', $c->{smallest_unit_bytes}, 4096 * 2**hex $1);
			eat_flags(\$text, $c, { qw(Enable enabled) });
		}
		eaten('ATS', $text);
	}
}

sub megabytes_log2 { # of "256MB" as lspci has it
	my ($text) = @_;
	$text =~ /^(\d+)([MGTPE])B$/ or return $text;
	my ($number, $log2) = ($1, 10 * index('MGTPE', $2));
	$log2++ while ($number /= 2) >= 1;
	return $log2;
}

sub compare_resizable {
	my ($c, $head, $sub) = @_;
	$head =~ /^(Physical|Virtual) Resizable BAR$/ or return differ("not '$head'");
	same('virtual', sign($c->{is_virtual}), $1 eq 'Virtual' ? '+' : '-');
	my @bars = @{ $c->{bars} // [] };
	for (@$sub) {
		my $text = $_;
		if ($text =~ s/^BAR (\d): current size: (\w+)//) {
			my $bar = shift @bars // {};
			same('BAR', $bar->{bar}, $1);
			same('size', $bar->{code}, megabytes_log2($2));
			same('bytes', $bar->{bytes}, 2**(20 + $bar->{code})) if $bar->{code} < 30;
			if ($text =~ s/, supported: (.*)//) {
				my $sizes = $bar->{sizes_hex} // '0';
				my @ours = grep { hex($sizes) >> $_ & 1 } 0 .. 43;
				same('sizes', "@ours", join(' ', map { megabytes_log2($_) } split / /, $1));
			}
		}
		eaten('resizable BAR', $text);
	}
	differ('we have resizable BARs that lspci has not') if @bars;
}

sub compare_dsn {
	my ($c, $head, $sub) = @_;
	$head =~ /^Device Serial Number (\S+)$/ or return differ("not '$head'");
	same('serial', $c->{serial_hex}, $1 =~ tr/-//dr);
}

my %STANDARD = ('01' => \&compare_pm, '05' => \&compare_msi, '0d' => \&compare_subsystem,
	'10' => \&compare_express, '11' => \&compare_msix, '13' => \&compare_af);
my %EXTENDED = ('0001' => \&compare_aer, '0003' => \&compare_dsn, '000d' => \&compare_acs,
	'000f' => \&compare_ats, '0015' => \&compare_resizable, '0024' => \&compare_resizable);

sub compare_capability {
	my ($head, $sub, $c, $d) = @_;
	if ($head !~ s/^\[([0-9a-f]+)(?: v(\d+))?\] //) {
		return differ("lspci's capability has no rule: '$head'");
	}
	my ($offset, $version) = ($1, $2);
	$count{capabilities}++;
	return differ("we have no capability at $offset ($head)") if !$c;
	my $of_function = $where;
	local $where = "$of_function [$offset]";
	same('offset', $c->{offset_hex}, $offset);
	same('version', $c->{version}, $version) if defined $version;
	my $rule = $c->{extended} ? $EXTENDED{ $c->{id_hex} } : $STANDARD{ $c->{id_hex} };
	$rule = \&compare_virtio if $c->{id_hex} eq '09' && $d->{vendor_hex} eq '1af4';
	return $rule->($c, $head, $sub, $d) if $rule;
	my $name = $NAMED{ $c->{id_hex} };
	$count{fields}++;
	if (defined $name) {
		differ("id $c->{id_hex} is not '$head'") if $head !~ $name;
	} elsif ($head !~ /Capability ID 0x0*([0-9a-f]+)/ || hex $1 != hex $c->{id_hex}) {
		differ("id $c->{id_hex} has no rule: '$head'");
	}
}

# --- functions --------------------------------------------------------------------------

# Capabilities, the lines below them and what belongs to both, out of one function's lines.
sub parts_of {
	my (@lines) = @_;
	my (@header, @capabilities);
	for (@lines) {
		if (/^\tCapabilities: (.*)$/) {
			push @capabilities, { head => $1, sub => [] };
		} elsif (@capabilities && /^\t\t\t\s*(.*)$/ && @{ $capabilities[-1]{sub} }) {
			$capabilities[-1]{sub}[-1] .= " $1"; # goes on with the line before
		} elsif (@capabilities && /^\t\t(.*)$/) {
			push @{ $capabilities[-1]{sub} }, $1;
		} elsif (/^\t\t(.*)$/ && @header) {
			$header[-1] .= " $1";
		} elsif (/^\t(.*)$/) {
			push @header, $1;
		} else {
			differ("lspci's line has no rule: '$_'");
		}
	}
	return (\@header, \@capabilities);
}

# What we have and lspci has not said a word of.
sub nothing_left {
	my ($d) = @_;
	differ("lspci has no BAR $_->{index}") for grep { !$_->{seen} } @{ $d->{bars} // [] };
	differ('lspci has no ROM') if $d->{rom} && !$d->{rom}{seen};
	differ('lspci has no subsystem') if $d->{subsystem};
	for my $key (grep { /_window$/ } keys %{ $d->{bridge} // {} }) {
		differ("lspci has no $key") if !$d->{bridge}{$key}{seen};
	}
}

sub compare_function {
	my ($text, $d) = @_;
	my ($first, @lines) = split /\n/, $text;
	my ($header, $capabilities) = parts_of(@lines);
	my @ours = @{ $d->{capabilities} // [] };

	$count{devices}++;
	differ("we say: $d->{flaw}") if defined $d->{flaw};
	compare_head($first, $d);
	compare_header_line($_, $d) for @$header;
	for my $c (@$capabilities) {
		compare_capability($c->{head}, $c->{sub}, shift @ours, $d);
	}
	differ("lspci has no capability at $_->{offset_hex}") for @ours;
	nothing_left($d);
}

require "$ENV{top_srcdir}/tests/qemu/lspci_express.pl";


my %theirs = map { /^(\S+)/ ? ($1 => $_) : () } grep { /\S/ } split /\n\n+/, slurp($lspci_file);
for my $d (@{ decode_json(slurp($json_file)) }) {
	$where = $d->{address};
	my $text = delete $theirs{ $d->{address} };
	defined $text ? compare_function($text, $d) : differ('lspci does not list it');
}
for (sort keys %theirs) {
	$where = $_;
	differ('we do not list it');
}
print "compared $count{devices} devices, $count{capabilities} capabilities, ",
	"$count{fields} fields; $count{explained} explained, $differences different\n";
exit($differences ? 1 : 0);
