#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# make_dumps.pl SEED COUNT - COUNT functions in the format of lspci -xxxx, with capabilities that
# QEMU's devices have not, or only in one form. Registers hold arbitrary bits, so every field is
# seen with many values; a SEED always gives the same bytes. What the specifications reserve and
# lspci has no word for is left out.
use strict;
use warnings;

my ($state, $functions) = @ARGV;

sub chance { # 0 ... COUNT - 1
	my ($count) = @_;
	$state = ($state * 1103515245 + 12345) % 2**31;
	return int($state / 2**31 * $count);
}

sub bits { return chance(2**$_[0]) }
sub pick { return $_[chance(scalar @_)] }

my @config; # of the function being made
my $free;   # of standard capabilities

sub put { # OFFSET WIDTH VALUE
	my ($at, $width, $value) = @_;
	$config[$at + $_] = $value >> 8 * $_ & 0xff for 0 .. $width - 1;
}

sub random { # OFFSET BYTES
	my ($at, $count) = @_;
	put($at + $_, 1, bits(8)) for 0 .. $count - 1;
}

# --- standard capabilities: each fills its bytes and returns how many they are -----------

sub pm {
	my ($at) = @_;
	put($at + 2, 2, bits(16));
	put($at + 4, 2, bits(16));
	random($at + 6, 2);
	return 8;
}

sub msi {
	my ($at) = @_;
	my $control = bits(9);
	put($at + 2, 2, $control);
	my $length = $control & 0x100 ? ($control & 0x80 ? 24 : 20) : ($control & 0x80 ? 14 : 10);
	random($at + 4, $length - 4);
	$config[$at + 4] &= 0xfc;
	return $length + (-$length & 3);
}

sub msix {
	my ($at) = @_;
	put($at + 2, 2, bits(16) & 0xc7ff);
	random($at + 4, 8);
	return 12;
}

sub af {
	my ($at) = @_;
	put($at + 2, 1, 6);
	put($at + 3, 1, bits(2));
	put($at + 4, 2, 0);
	put($at + 5, 1, bits(1));
	return 8;
}

sub vendor {
	my ($at) = @_;
	put($at + 2, 1, 12);
	random($at + 3, 9);
	return 12;
}

sub virtio {
	my ($at) = @_;
	my $type = pick(1, 2, 3, 4, 8);
	my $length = $type == 8 ? 24 : $type == 2 ? 20 : 16;
	put($at + 2, 1, $length);
	put($at + 3, 1, $type);
	put($at + 4, 1, chance(6));
	random($at + 5, $length - 5);
	return $length;
}

sub subsystem {
	my ($at) = @_;
	put($at + 4, 4, bits(31));
	return 8;
}

# Up to 64 GT/s: older lspci know no more.
sub link_speed { return chance(7) }

sub express {
	my ($at, $type) = @_;
	my $version = 1 + chance(2);
	my $port = $type == 4 || $type == 6;
	put($at + 2, 2, $version | $type << 4 | ($port ? bits(1) << 8 : 0) | bits(5) << 9);
	random($at + 4, $version == 2 ? 56 : 32);
	put($at + 12, 1, (bits(4) << 4) | link_speed());
	put($at + 18, 1, (bits(4) << 4) | link_speed());
	if ($version == 2) {
		put($at + 44, 4, bits(24) & 0xffff3e); # speeds up to 32 GT/s
		put($at + 48, 1, bits(3) << 5 | bits(1) << 4 | link_speed());
	}
	return $version == 2 ? 60 : 36;
}

# --- extended capabilities ---------------------------------------------------------------

sub aer { random($_[0] + 4, 0x44); return 0x48 }
sub dsn { random($_[0] + 4, 8); return 12 }
sub ltr { random($_[0] + 4, 4); return 8 }
sub ari { random($_[0] + 4, 4); return 8 }
sub ats { random($_[0] + 4, 4); return 8 }

sub acs {
	my ($at) = @_;
	random($at + 4, 40);
	return 44;
}

sub resizable {
	my ($at) = @_;
	my $count = 1 + chance(6);
	for my $i (0 .. $count - 1) {
		put($at + 4 + 8 * $i, 4, bits(28) << 4);
		put($at + 8 + 8 * $i, 4, bits(16) << 16 | chance(44) << 8 |
			($i == 0 ? $count << 5 : 0) | chance(6));
	}
	return 4 + 8 * $count;
}

my %STANDARD = (0x01 => \&pm, 0x05 => \&msi, 0x09 => \&vendor, 0x11 => \&msix, 0x13 => \&af);
my %EXTENDED = (0x0001 => \&aer, 0x0003 => \&dsn, 0x000d => \&acs, 0x000e => \&ari,
	0x000f => \&ats, 0x0015 => \&resizable, 0x0018 => \&ltr, 0x0024 => \&resizable);

# --- a function ------------------------------------------------------------------------------

sub add_standard {
	my ($last, $id, $code, @more) = @_;
	put($$last, 1, $free);
	put($free, 1, $id);
	put($free + 1, 1, 0);
	$$last = $free + 1;
	$free += $code->($free, @more);
	$free += -$free & 3;
}

sub add_extended {
	my @ids = sort { $a <=> $b } keys %EXTENDED;
	my ($at, $last) = (0x100);
	for (1 .. 2 + chance(5)) {
		my $id = splice(@ids, chance(scalar @ids), 1);
		put($last + 2, 2, $config[$last + 2] & 0x0f | $at << 4) if defined $last;
		put($at, 4, $id | (1 + chance(3)) << 16);
		$last = $at;
		$at += $EXTENDED{$id}->($at) + 4 * chance(4);
	}
}

sub header {
	my ($bridge, $vendor) = @_;
	put(0x00, 2, $vendor);
	put(0x02, 2, $vendor == 0x1af4 ? 0x1000 + bits(7) : bits(16));
	put(0x04, 2, bits(11) & 0x7f8);
	put(0x06, 2, bits(16) & 0xffe8 | 0x10);
	put(0x08, 1, bits(8));
	put(0x09, 3, $bridge ? 0x060400 : pick(0x020000, 0x010802, 0x030000, 0x0c0330, 0xff0000));
	put(0x0c, 2, bits(14) & 0x3fff);
	put(0x0e, 1, $bridge ? 1 : 0);
	put(0x0f, 1, pick(0, 0x80 | bits(4)));
	put(0x3c, 1, bits(8));
	put(0x3d, 1, chance(5));
}

sub endpoint_header {
	put(0x2c, 4, bits(31));
	put(0x3e, 2, bits(16));
}

# Buses that lead nowhere, and windows of every kind.
sub bridge_header {
	my ($bus) = @_;
	put(0x18, 4, $bus << 16 | $bus << 8 | bits(8) << 24);
	my $type = bits(1);
	put(0x1c, 1, bits(4) << 4 | $type);
	put(0x1d, 1, bits(4) << 4 | $type);
	put(0x1e, 2, bits(16));
	put(0x20, 2, bits(12) << 4);
	put(0x22, 2, bits(12) << 4);
	$type = bits(1);
	put(0x24, 2, bits(12) << 4 | $type);
	put(0x26, 2, bits(12) << 4 | $type);
	put(0x28, 4, bits(8)); # sizes beyond 32 bits of KiB are too much for lspci
	put(0x2c, 4, bits(8));
	random(0x30, 4);
	put(0x3e, 2, bits(12) & 0xfbf);
}

sub function {
	my ($slot, $bus) = @_;
	my $bridge = chance(3) == 0;
	my $vendor = $bridge ? 0x8086 : pick(0x1af4, 0x10de, 0x15b3);
	my $last = 0x34;

	@config = (0) x 4096;
	header($bridge, $vendor);
	$bridge ? bridge_header($bus) : endpoint_header();
	$free = 0x40;
	my $type = $bridge ? pick(4, 4, 5, 6, 6, 7) : pick(0, 0, 1);
	my $integrated = !$bridge && chance(4) == 0;
	add_standard(\$last, 0x10, \&express, $integrated ? 9 : $type);
	add_standard(\$last, 0x0d, \&subsystem) if $bridge;
	for (1 .. 6) {
		my $id = pick(sort { $a <=> $b } keys %STANDARD);
		next if $id == 0x13 && $bridge;
		last if $free > 0xe0;
		add_standard(\$last, $id, $id == 0x09 && $vendor == 0x1af4 ? \&virtio
			: $STANDARD{$id});
	}
	add_extended() if !$integrated;

	# Bus 1: the library believes endpoints on bus 0 no extended space (qemu-notes 3).
	printf "%02x:%02x.0 made of seed %d\n", 1, $slot, $ARGV[0];
	my $bytes = $integrated ? 256 : 4096;
	for (my $i = 0; $i < $bytes; $i += 16) {
		printf "%02x: %s\n", $i, join ' ', map { sprintf '%02x', $_ } @config[$i .. $i + 15];
	}
	print "\n";
}

function($_, 1 + $_) for 0 .. $functions - 1;
