#!/usr/bin/perl
# Net::SMPP as the other end of a session, on loopback:
#
#   net_smpp.pl smsc VERSION                   listens; VERSION 52 (0x34) announces that it takes TLVs, 0 says nothing
#   net_smpp.pl esme PORT NAME VALUE ...       binds as transceiver with these fields
#
# Orders come in as lines of JSON, what the peer says goes out as lines of JSON; an octet is the character of its number.
# An order is a method of Net::SMPP with its arguments: ["deliver_sm", "destination_addr", "1400", ...]. Three are ours:
# ["answer", COMMAND, STATUS] for the next such request, ["hold", COMMAND] to leave the next such request unanswered,
# ["close"]. The process ends with its standard input.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

my ($role, @arguments) = @ARGV;
my $json = JSON::PP->new->ascii->canonical;
my ($listener, $session, $orders, $message_ids) = (undef, undef, '', 0);
my %scripted;    # command => what to do with the next ones: a status, or 'hold'
$| = 1;

sub say_so { print $json->encode({@_}), "\n" }

# What an SMSC and an ESME answer by themselves.
my %answers = (
    bind_transceiver => sub { bind_resp('bind_transceiver_resp', @_) },
    bind_transmitter => sub { bind_resp('bind_transmitter_resp', @_) },
    bind_receiver    => sub { bind_resp('bind_receiver_resp',    @_) },
    submit_sm        => sub { $session->submit_sm_resp(message_id => sprintf('perl-%d', ++$message_ids), @_) },
    deliver_sm       => sub { $session->deliver_sm_resp(message_id => '', @_) },
    enquire_link     => sub { $session->enquire_link_resp(@_) },
    unbind           => sub { $session->unbind_resp(@_) },
);

sub bind_resp {
    my ($method, @how) = @_;
    my @version = $arguments[0] ? (sc_interface_version => pack 'C', $arguments[0]) : ();
    $session->$method(system_id => 'perl', @how, @version);
}

sub read_one {
    my $pdu = $session->read_pdu;
    if (!$pdu) {
        say_so(cmd => 'closed');
        $session = undef;
        exit if !$listener;
        return;
    }
    my $command = Net::SMPP::pdu_tab->{ $pdu->{cmd} }{cmd} || sprintf '0x%08X', $pdu->{cmd};
    say_so(%$pdu, cmd => $command);
    my $answer = $answers{$command} or return;
    my $status = shift @{ $scripted{$command} || [] } // 0;
    return if $status eq 'hold';
    $answer->(seq => $pdu->{seq}, $status ? (status => $status) : ());
}

sub obey {
    my ($method, @how) = @{ $json->decode($_[0]) };
    utf8::downgrade($_) for grep { defined } @how;    # octets, however JSON kept them
    if    ($method eq 'answer') { push @{ $scripted{ $how[0] } }, $how[1] }
    elsif ($method eq 'hold')   { push @{ $scripted{ $how[0] } }, 'hold' }
    elsif ($method eq 'close')  { $session->close; $session = undef }
    else                        { $session->$method(@how, $method =~ /_resp$/ ? () : (async => 1)) }
}

sub read_orders {
    sysread(STDIN, $orders, 65_536, length $orders) or exit;
    obey($1) while $orders =~ s/^(.*)\n//;
}

if ($role eq 'smsc') {
    $listener = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "cannot listen: $!";
    say_so(cmd => 'listening', port => $listener->sockport);
}
else {
    my ($port, @fields) = @arguments;
    ($session, my $bound) = Net::SMPP->new_transceiver('127.0.0.1', port => $port, @fields);
    die "cannot connect: $!" if !$session;
    say_so(%$bound, cmd => 'bind_transceiver_resp');
}

while (1) {
    my $next = $session || $listener or exit;
    for my $ready (IO::Select->new(\*STDIN, $next)->can_read) {
        if    ($ready == \*STDIN)                  { read_orders() }
        elsif ($session && $ready == $session)     { read_one() }
        elsif ($listener && $ready == $listener)   { $session = $listener->accept }
    }
}
