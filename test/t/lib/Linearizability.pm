
=pod

=head1 NAME

Linearizability - does a history of concurrent operations have an order?

=head1 SYNOPSIS

  use Linearizability;

  my $problem = check_history(\@operations, $start, \&step);
  is($problem, undef, 'there is an order');

=head1 DESCRIPTION

An operation is { call, return, ... } with two times, between which it took
effect at some moment; return is undef where it is not known whether it did.
step(state, operation) tells what the operation makes of a state, or undef if
its result is not what it would be there.  States are strings.

The search is that of Wing and Gong, with the memory of Lowe: the events are
gone through in the order of time, with all configurations that are possible
up to there.  A configuration is a state and which of the operations that are
under way have taken effect already.  When an operation returns, those remain
in which it has, or in which it can, together with others that are under way.
When none remains there is no order.

=cut

package Linearizability;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(check_history);

=pod

=over

=item check_history(operations, start, step)

undef if there is an order that begins in the state "start", else the operation
after which there is none.  The operations are left with members of ours.

=cut

sub check_history
{
	my ($operations, $start, $step) = @_;
	my (@events, %under_way);

	# a key is (state, numbers of those under way that have taken effect)
	my %configurations = (key($start) => [ $start, {} ]);
	my $number = 0;

	foreach my $operation (@$operations)
	{
		$operation->{number} = ++$number;
		push @events, [ $operation->{call}, 0, $operation ];
		push @events, [ $operation->{return}, 1, $operation ] if defined $operation->{return};
	}
	# at the same time: calls first, which allows more
	foreach my $event (sort { $a->[0] <=> $b->[0] || $a->[1] <=> $b->[1] } @events)
	{
		my (undef, $is_return, $operation) = @$event;

		if (!$is_return)
		{
			$under_way{ $operation->{number} } = $operation;
			next;
		}
		%configurations = with_effect(\%configurations, $operation, \%under_way, $step);
		return $operation unless %configurations;
		delete $under_way{ $operation->{number} };
	}
	return undef;
}

sub key
{
	my ($state, @numbers) = @_;

	return join "\0", $state, sort { $a <=> $b } @numbers;
}

# All configurations in which the operation, which returns now, has taken
# effect; it is not told any more.
sub with_effect
{
	my ($configurations, $operation, $under_way, $step) = @_;
	my %seen = %$configurations;
	my @open = values %$configurations;
	my %result;

	while (my $configuration = pop @open)
	{
		my ($state, $done) = @$configuration;

		if ($done->{ $operation->{number} })
		{
			my %left = %$done;

			delete $left{ $operation->{number} };
			$result{ key($state, keys %left) } = [ $state, \%left ];
			next;
		}
		foreach my $other (values %$under_way)
		{
			next if $done->{ $other->{number} };
			my $next = $step->($state, $other);
			next unless defined $next;
			my %more = (%$done, $other->{number} => 1);
			my $key = key($next, keys %more);

			next if $seen{$key}++;
			push @open, [ $next, \%more ];
		}
	}
	return %result;
}

=pod

=back

=cut

1;
