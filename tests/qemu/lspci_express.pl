# SPDX-License-Identifier: MIT
#
# lspci_express.pl - the PCI Express part of lspci_compare.pl. lspci leaves out what means nothing
# for a type of port; what it prints has to be ours.
use strict;
use warnings;

my %TYPE = (0 => 'Endpoint', 1 => 'Legacy Endpoint', 4 => 'Root Port', 5 => 'Upstream Port',
	6 => 'Downstream Port', 7 => 'PCI-Express to PCI/PCI-X Bridge',
	8 => 'PCI/PCI-X to PCI-Express Bridge', 9 => 'Root Complex Integrated Endpoint',
	10 => 'Root Complex Event Collector');

# Texts of lspci by the value that we have.
my %LATENCY = (64 => '<64ns', 128 => '<128ns', 256 => '<256ns', 512 => '<512ns', 1000 => '<1us',
	2000 => '<2us', 4000 => '<4us', 8000 => '<8us', 16000 => '<16us', 32000 => '<32us',
	64000 => '<64us', unlimited => 'unlimited');
my %RANGES = (0 => 'Not Supported', 1 => 'Range A', 2 => 'Range B', 3 => 'Range AB',
	6 => 'Range BC', 7 => 'Range ABC', 14 => 'Range BCD', 15 => 'Range ABCD');
my %TIMEOUT = ('50us to 50ms' => '50 50000', '50us to 100us' => '50 100',
	'1ms to 10ms' => '1000 10000', '16ms to 55ms' => '16000 55000',
	'65ms to 210ms' => '65000 210000', '260ms to 900ms' => '260000 900000',
	'1s to 3.5s' => '1000000 3500000', '4s to 13s' => '4000000 13000000',
	'17s to 64s' => '17000000 64000000', 'Unknown' => '0 0');
my @OBFF_CAP = ('Not Supported', 'Via message', 'Via WAKE#', 'Via message/WAKE#');
my @OBFF = ('Disabled', 'Via message A', 'Via message B', 'Via WAKE#');
my @EMERGENCY = ('Not Supported', 'Dev Specific', 'Form Factor Dev Specific', 'Reserved');
my @LINES = ('Not Supported', '64byte cachelines', '128byte cachelines', 'Reserved');
my @INDICATOR = qw(Unknown On Blink Off);
my @MARGIN = ('Normal Operating Range', '800-1200mV(full-swing)/400-700mV(half-swing)',
	('200-400mV(full-swing)/100-200mV(half-swing)') x 4, 'Unknown', 'Unknown');
my @PRESET = map { "$_ preshoot" } ('-6dB de-emphasis, 0dB', '-3.5dB de-emphasis, 0dB',
	'-4.4dB de-emphasis, 0dB', '-2.5dB de-emphasis, 0dB', '0dB de-emphasis, 0dB',
	'0dB de-emphasis, 1.9dB', '0dB de-emphasis, 2.5dB', '-6.0dB de-emphasis, 3.5dB',
	'-3.5dB de-emphasis, 3.5dB', '0dB de-emphasis, 3.5dB');
my @CROSSLINK = ('unsupported', 'Upstream Port', 'Downstream Port', 'incomplete');
my @DOWNSTREAM = ('Link Down - Not Determined', 'Link Down - Not Present', 'Link Down - Present',
	'Reserved', 'Link Up - Present', 'Link Up - Present and DRS Received',
	'Reserved', 'Reserved');

sub of { # VALUE LIST: the text that lspci has for one of our numbers
	my ($value, $list) = @_;
	return undef if !defined $value;
	return ref $list eq 'HASH' ? $list->{$value} // 'Unknown' : $list->[$value] // 'Unknown';
}

sub speed {
	my ($mts) = @_;
	return undef if !defined $mts;
	return $mts ? $mts / 1000 . 'GT/s' : 'unknown';
}

sub aspm {
	my ($group, $enabled) = @_;
	my @states = grep { $group->{ 'aspm_' . lc } } qw(L0s L1);
	return @states ? "@states" . ($enabled ? ' Enabled' : '')
		: $enabled ? 'Disabled' : 'not supported';
}

sub power {
	my ($milliwatts) = @_;
	return undef if !defined $milliwatts;
	return '>600W' if $milliwatts eq 'unlimited';
	return sprintf '%gW', $milliwatts / 1000;
}

sub plain { # GROUP TEXT FLAGS...
	my ($g, $text, @map) = @_;
	eat_flags($text, $g, { @map });
}

my %REGISTER = (
	DevCap => ['device_capabilities', sub {
		my ($g, $t) = @_;
		$$t =~ s/MaxPayload (\d+) bytes// and same('payload', $g->{max_payload_bytes}, $1);
		$$t =~ s/PhantFunc (\d+)// and
			same('phantom functions', 2**$g->{phantom_functions} - 1, $1);
		if ($$t =~ s/Latency L0s ([^,]+), L1 (\S+)//) {
			my ($l0s, $l1) = ($1, $2);
			same('L0s latency', of($g->{l0s_latency_ns}, \%LATENCY), $l0s);
			same('L1 latency', of($g->{l1_latency_ns}, \%LATENCY), $l1);
		}
		$$t =~ s/SlotPowerLimit (\S+?W)// and same('power', power($g->{slot_power_mw}), $1);
		plain($g, $t, qw(ExtTag extended_tag AttnBtn attention_button
			AttnInd attention_indicator PwrInd power_indicator RBE role_based_errors
			FLReset flr));
	}],
	DevCtl => ['device_control', sub {
		my ($g, $t) = @_;
		$$t =~ s/MaxPayload (\d+) bytes// and same('payload', $g->{max_payload_bytes}, $1);
		$$t =~ s/MaxReadReq (\d+) bytes// and
			same('read request', $g->{max_read_request_bytes}, $1);
		# Bit 15 has two names: a reset in endpoints, retries in bridges.
		plain($g, $t, qw(CorrErr correctable NonFatalErr non_fatal FatalErr fatal
			UnsupReq unsupported_request RlxdOrd relaxed_ordering ExtTag extended_tag
			PhantFunc phantom_functions AuxPwr aux_power NoSnoop no_snoop
			BrConfRtry config_retry FLReset config_retry));
	}],
	DevSta => ['device_status', sub {
		my ($g, $t) = @_;
		plain($g, $t, qw(CorrErr correctable NonFatalErr non_fatal FatalErr fatal
			UnsupReq unsupported_request AuxPwr aux_power
			TransPend transactions_pending));
	}],
	LnkCap => ['link_capabilities', sub {
		my ($g, $t) = @_;
		$$t =~ s/Port #(\d+)// and same('port', $g->{port}, $1);
		$$t =~ s/Speed ([^,]+)// and same('speed', speed($g->{speed_mts}), $1);
		$$t =~ s/Width x(\d+)// and same('width', $g->{width}, $1);
		$$t =~ s/Exit Latency (?:L0s ([^\s,]+))?(?:, )?(?:L1 ([^\s,]+))?// and do {
			my ($l0s, $l1) = ($1, $2);
			same('L0s exit', of($g->{l0s_exit_ns}, \%LATENCY), $l0s) if defined $l0s;
			same('L1 exit', of($g->{l1_exit_ns}, \%LATENCY), $l1) if defined $l1;
		};
		$$t =~ s/ASPM (not supported|L0s L1|L0s|L1)// and same('ASPM', aspm($g), $1);
		plain($g, $t, qw(ClockPM clock_pm Surprise surprise_down
			LLActRep active_reporting BwNot bandwidth_notification
			ASPMOptComp aspm_compliance));
	}],
	LnkCtl => ['link_control', sub {
		my ($g, $t) = @_;
		$$t =~ s/ASPM (Disabled|.*? Enabled);// and same('ASPM', aspm($g, 1), $1);
		$$t =~ s/RCB (\d+) bytes// and same('boundary', $g->{rcb_bytes}, $1);
		plain($g, $t, qw(Disabled disable LnkDisable disable CommClk common_clock
			ExtSynch extended_synch ClockPM clock_pm AutWidDis autonomous_width_off
			BWInt bandwidth_interrupt AutBWInt autonomous_interrupt
			FltModeDis flit_mode_off));
	}],
	LnkSta => ['link_status', sub {
		my ($g, $t) = @_;
		# lspci judges what it shows; that is not in the register.
		$$t =~ s/\((?:downgraded|overdriven|ok|strange)\)//g;
		$$t =~ s/Speed ([^\s,]+)// and same('speed', speed($g->{speed_mts}), $1);
		$$t =~ s/Width x(\d+)// and same('width', $g->{width}, $1);
		plain($g, $t, qw(TrErr training_error Train training SlotClk slot_clock
			DLActive active BWMgmt bandwidth_managed ABWMgmt bandwidth_autonomous));
	}],
	SltCap => ['slot_capabilities', sub {
		my ($g, $t) = @_;
		$$t =~ s/Slot #(\d+)// and same('slot', $g->{slot}, $1);
		$$t =~ s/PowerLimit (\S+?W)// and same('power', power($g->{power_mw}), $1);
		plain($g, $t, qw(AttnBtn attention_button PwrCtrl power_controller MRL mrl_sensor
			AttnInd attention_indicator PwrInd power_indicator HotPlug hotplug
			Surprise surprise Interlock interlock NoCompl no_command_completed));
	}],
	SltCtl => ['slot_control', sub {
		my ($g, $t) = @_;
		$$t =~ s/AttnInd (\w+)// and
			same('indicator', of($g->{attention_indicator}, \@INDICATOR), $1);
		$$t =~ s/PwrInd (\w+)// and
			same('indicator', of($g->{power_indicator}, \@INDICATOR), $1);
		# lspci's "Power+" is bit 10 as it stands, which is set for off (PCIe 6.0, 7.5.3.10).
		plain($g, $t, qw(AttnBtn attention_button PwrFlt power_fault MRL mrl_sensor
			PresDet presence CmdCplt command_completed HPIrq interrupt
			LinkChg link_state Power power_off Interlock interlock));
		$$t =~ s/Enable:|Control://g;
	}],
	SltSta => ['slot_status', sub {
		my ($g, $t) = @_;
		my ($now, $changed) = $$t =~ /Status:(.*)Changed:(.*)/;
		return if !defined $changed;
		plain($g, \$now, qw(AttnBtn attention_button PowerFlt power_fault MRL mrl_open
			CmdCplt command_completed PresDet present Interlock interlock));
		plain($g, \$changed, qw(MRL mrl_changed PresDet presence_changed
			LinkState link_changed));
		$$t = "$now $changed";
	}],
	RootCap => ['root_capabilities', sub { plain(@_, qw(CRSVisible retry_visible)) }],
	RootCtl => ['root_control', sub {
		plain(@_, qw(ErrCorrectable correctable ErrNon-Fatal non_fatal ErrFatal fatal
			PMEIntEna pme_interrupt CRSVisible retry_visible));
	}],
	RootSta => ['root_status', sub {
		my ($g, $t) = @_;
		$$t =~ s/PME ReqID (\S{4})// and same('requester', $g->{pme_requester_hex}, $1);
		plain($g, $t, qw(PMEStatus pme PMEPending pme_pending));
	}],
	DevCap2 => ['device_capabilities_2', sub {
		my ($g, $t) = @_;
		$$t =~ s/Completion Timeout: ([^,]+)// and
			same('time-outs', of($g->{timeout_ranges}, \%RANGES), $1);
		$$t =~ s/OBFF ([^,]+)// and same('OBFF', of($g->{obff}, \@OBFF_CAP), $1);
		$$t =~ s/MaxEETLPPrefixes (\d)// and same('prefixes', $g->{max_prefixes}, $1);
		$$t =~ s/EmergencyPowerReduction ([^,]+)// and
			same('emergency', of($g->{emergency_power}, \@EMERGENCY), $1);
		$$t =~ s/LN System CLS ([^,]+)// and same('LN', of($g->{ln_system}, \@LINES), $1);
		if ($$t =~ s/\bTPHComp([+-]) ExtTPHComp([+-])//) {
			my ($tph, $extended) = ($1, $2);
			same('TPH', sign($g->{tph} & 1), $tph);
			same('extended TPH', sign($g->{tph} & 2), $extended);
		}
		$$t =~ s/AtomicOpsCap://;
		plain($g, $t, qw(TimeoutDis timeout_disable NROPrPrP no_ro_pr_pr LTR ltr
			10BitTagComp tag10_completer 10BitTagReq tag10_requester
			ExtFmt extended_fmt EETLPPrefix end_end_prefix
			EmergencyPowerReductionInit emergency_power_init FRS frs
			ARIFwd ari_forwarding Routing atomic_routing 32bit atomic_32
			64bit atomic_64 128bitCAS cas_128));
	}],
	DevCtl2 => ['device_control_2', sub {
		my ($g, $t) = @_;
		$$t =~ s/Completion Timeout: ([^,]+)// and
			same('time-out', "$g->{timeout_min_us} $g->{timeout_max_us}",
				$TIMEOUT{$1} // $1);
		$$t =~ s/OBFF ([^,]+?),// and same('OBFF', of($g->{obff}, \@OBFF), $1);
		$$t =~ s/OBFF (.+)$// and same('OBFF', of($g->{obff}, \@OBFF), $1);
		$$t =~ s/AtomicOpsCtl://;
		plain($g, $t, qw(TimeoutDis timeout_disable LTR ltr ARIFwd ari_forwarding
			ReqEn atomic_request EgressBlck atomic_block IDOReq ido_request
			IDOCompl ido_completion EmergencyPowerReductionReq emergency_power
			10BitTagReq tag10_request EETLPPrefixBlk prefix_block));
	}],
	LnkCap2 => ['link_capabilities_2', sub {
		my ($g, $t) = @_;
		$$t =~ s/Supported Link Speeds: ([^,]+)// and do {
			my @speeds = grep { $g->{speeds} >> $_ & 1 } 0 .. 6;
			my $top = @speeds ? (2.5, 5, 8, 16, 32, 64, 128)[$speeds[-1]] : 0;
			same('speeds', !$top ? 'Unknown' : $top == 2.5 ? '2.5GT/s'
				: "2.5-${top}GT/s", $1);
		};
		plain($g, $t, qw(Crosslink crosslink Retimer retimer_presence
			2Retimers retimers_presence DRS drs));
	}],
	LnkCtl2 => ['link_control_2', sub {
		my ($g, $t) = @_;
		$$t =~ s/Target Link Speed: ([^,]+)// and
			same('target', speed($g->{target_mts}), $1 eq 'Unknown' ? 'unknown' : $1);
		$$t =~ s/Compliance Preset\/De-emphasis: (.*(?:preshoot|Unknown))// and
			same('preset', of($g->{compliance_preset}, \@PRESET), $1);
		$$t =~ s/Selectable De-emphasis: (\S+dB)// and
			same('de-emphasis', $g->{deemphasis_3_5db} ? '-3.5dB' : '-6dB', $1);
		$$t =~ s/Transmit Margin: ([^,]+)// and
			same('margin', of($g->{transmit_margin}, \@MARGIN), $1);
		plain($g, $t, qw(EnterCompliance enter_compliance SpeedDis autonomous_speed_off
			EnterModifiedCompliance modified_compliance ComplianceSOS compliance_sos));
	}],
	LnkSta2 => ['link_status_2', sub {
		my ($g, $t) = @_;
		$$t =~ s/Current De-emphasis Level: (\S+dB)// and
			same('de-emphasis', $g->{deemphasis_3_5db} ? '-3.5dB' : '-6dB', $1);
		$$t =~ s/CrosslinkRes: ([^,]+)// and
			same('crosslink', of($g->{crosslink}, \@CROSSLINK), $1);
		$$t =~ s/DownstreamComp: (.*)$// and
			same('component', of($g->{downstream}, \@DOWNSTREAM), $1);
		plain($g, $t, qw(EqualizationComplete equalized EqualizationPhase1 phase1
			EqualizationPhase2 phase2 EqualizationPhase3 phase3
			LinkEqualizationRequest equalize_again Retimer retimer
			2Retimers retimers DRS drs_received));
	}],
);

sub compare_express {
	my ($c, $head, $sub) = @_;
	$head =~ s/^Express \(v(\d+)\) // or return differ("not '$head'");
	same('version', $c->{express_version}, $1);
	# MSI and its number in hexadecimal before pciutils 3.11, IntMsgNum after.
	$head =~ s/, MSI ([0-9a-f]{2})// and same('interrupt', $c->{interrupt}, hex $1);
	$head =~ s/, IntMsgNum (\d+)// and same('interrupt', $c->{interrupt}, $1);
	$head =~ s/ \(Slot([+-])\)// and same('slot', sign($c->{slot_implemented}), $1);
	same('flit mode', sign($c->{flit_mode}), '+') if $head =~ s/, FLIT Mode Supported//;
	same('type', $TYPE{ $c->{type} } // "Unknown type $c->{type}", $head);
	for (@$sub) {
		my ($label, $text) = /^(\w+):\s*(.*)$/ or do { eaten('Express', $_); next };
		my $register = $REGISTER{$label};
		if (!$register) {
			differ("lspci's register $label has no rule");
			next;
		}
		my $group = $c->{ $register->[0] };
		if (!$group) {
			differ("we have no $register->[0]");
			next;
		}
		$register->[1]->($group, \$text);
		eaten($label, $text);
	}
}

1;
