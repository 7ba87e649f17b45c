
=pod

=head1 NAME

DynamoLoad - many clients at once, SQL sessions beside them, and bad days

=head1 SYNOPSIS

  use DynamoTest;
  use DynamoLoad;

  my $load = start_clients(8, sub {
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	while (my $reply = exchange($socket, 'PutItem', { ... }))
	{
		$note->('put', $number);
	}
  });
  wait_for_notes($load, 1000);
  kill_server($node);
  my @notes = finish_clients($load);

  my $session = sql_session($node);
  sql_run($session, 'BEGIN; LOCK TABLE ...');
  sql_end($session);

=head1 DESCRIPTION

Clients are processes: they make no tests, they take notes, which survive
them.  A note is one line of words, and each word is anything without white
space.

=cut

package DynamoLoad;

use strict;
use warnings;

use DynamoTest;
use Exporter 'import';
use File::Temp ();
use IO::Select;
use IPC::Open2 ();
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
  exchange
  error_type
  start_clients
  note_count
  wait_for_notes
  stop_clients
  finish_clients
  timed
  worst_times
  process_ids
  flusher_pid
  kill_server
  sql_session
  sql_send
  sql_wait
  sql_run
  sql_end
  wait_until_blocked
);

=pod

=over

=item exchange(socket, operation, input, header => value, ...)

A request and its reply on an open connection; undef if it is closed.

=cut

sub exchange
{
	my ($socket, $operation, $input, %header) = @_;

	return undef
	  unless raw_send($socket, request_bytes($operation, $input, %header));
	return raw_reply($socket);
}

=pod

=item error_type(reply)

"ValidationException", or '' if the reply is no error.

=cut

sub error_type
{
	my ($reply) = @_;
	my $type = ($reply->{json} || {})->{__type} // '';

	$type =~ s/^.*#//;
	return $type;
}

=pod

=item start_clients(count, code)

Starts as many processes, each calling code(number, note), with numbers from 1.
note(words) takes a note.  A client that dies notes "died" and why.  Returns
what the following functions want.

=cut

# Clients of a test that died must not go on without it.
my @processes;

END
{
	my $status = $?;

	kill 'TERM', @processes;
	$? = $status;
}

sub start_clients
{
	my ($count, $code) = @_;
	my $load = {
		dir => File::Temp::tempdir(CLEANUP => 1),
		processes => [],
	};

	foreach my $number (1 .. $count)
	{
		my $pid = fork;

		die "cannot fork: $!" unless defined $pid;
		run_client("$load->{dir}/$number", $number, $code) if $pid == 0;
		push @{ $load->{processes} }, $pid;
		push @processes, $pid;
	}
	return $load;
}

# In the child, which must not run the END blocks that stop clusters.
sub run_client
{
	my ($path, $number, $code) = @_;
	my $ok;

	local $SIG{PIPE} = 'IGNORE';
	local $SIG{TERM} = sub { POSIX::_exit(0) };
	if (open my $file, '>', $path)
	{
		# one write a note: whatever happens, the notes are whole
		my $note = sub { syswrite $file, join(' ', @_) . "\n" };

		$ok = eval { $code->($number, $note); 1 };
		$note->('died', $@ =~ s/\s+/_/gr) unless $ok;
	}
	POSIX::_exit($ok ? 0 : 1);
}

=pod

=item note_count(load)

=cut

sub note_count
{
	my ($load) = @_;
	my $count = 0;

	foreach my $path (glob "$load->{dir}/*")
	{
		open my $file, '<', $path or die "cannot open $path: $!";
		$count++ while <$file>;
	}
	return $count;
}

=pod

=item wait_for_notes(load, count)

Until so many notes have been taken.

=cut

sub wait_for_notes
{
	my ($load, $count) = @_;

	wait_until(sub { note_count($load) >= $count }, "there are $count notes");
	return;
}

=pod

=item finish_clients(load)

Waits until all clients have ended by themselves; returns the notes, each a
reference to its words, those of one client in order.

=item stop_clients(load)

The same for clients that would go on for ever.

=cut

sub finish_clients
{
	my ($load) = @_;

	foreach my $pid (@{ $load->{processes} })
	{
		wait_until(sub { waitpid($pid, POSIX::WNOHANG()) != 0 },
			"client $pid has ended");
		@processes = grep { $_ != $pid } @processes;
	}
	return read_notes($load);
}

sub stop_clients
{
	my ($load) = @_;

	kill 'TERM', @{ $load->{processes} };
	return finish_clients($load);
}

sub read_notes
{
	my ($load) = @_;
	my @notes;

	foreach my $path (glob "$load->{dir}/*")
	{
		open my $file, '<', $path or die "cannot open $path: $!";
		push @notes, map { [split] } <$file>;
	}
	foreach my $note (@notes)
	{
		diag("a client died: $note->[1]") if $note->[0] eq 'died';
	}
	return @notes;
}

=pod

=item timed(code)

Milliseconds that code takes, and what it returns.

=item worst_times(what, milliseconds...)

Reports median, 99th percentile and maximum, which it returns.

=cut

sub timed
{
	my ($code) = @_;
	my $start = time;
	my $result = $code->();

	return (1000 * (time - $start), $result);
}

sub worst_times
{
	my ($what, @times) = @_;

	@times = sort { $a <=> $b } @times;
	note(sprintf '%s: %d, p50 %.1f ms, p99 %.1f ms, max %.1f ms',
		$what, scalar @times, $times[ @times / 2 ], $times[ @times * 0.99 ],
		$times[-1]);
	return $times[-1];
}

=pod

=item process_ids(node, type)

The processes of one type, such as "dynamo worker", in pg_stat_activity.

=item flusher_pid(node)

The flusher's, once it is there.

=cut

sub process_ids
{
	my ($node, $type) = @_;

	return split /\n/, $node->safe_psql('postgres',
		"SELECT pid FROM pg_stat_activity WHERE backend_type = '$type'");
}

sub flusher_pid
{
	my ($node) = @_;
	my $pid;

	wait_until(sub { ($pid) = process_ids($node, 'dynamo flusher') },
		'there is a flusher');
	return $pid;
}

=pod

=item kill_server(node)

Kills the postmaster and all its children with signal 9 at once: the
postmaster is stopped first, so that it can neither react nor fork.

=cut

sub kill_server
{
	my ($node) = @_;
	my ($postmaster) =
	  slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;

	kill 'STOP', $postmaster;
	my @all = ($postmaster, children_of($postmaster));
	kill 'KILL', @all[ 1 .. $#all ];
	$node->kill9;
	# until nobody can mistake them for a running server
	wait_until(sub { !kill 0, @all }, 'the server is dead');
	return;
}

sub children_of
{
	my ($parent) = @_;
	my @children;

	foreach my $path (glob '/proc/[0-9]*/stat')
	{
		# a process may end while we look
		open my $file, '<', $path or next;
		my $line = <$file> // '';

		push @children, $1 if $line =~ /^(\d+) .*\) \S (\d+)/ && $2 == $parent;
	}
	return @children;
}

=pod

=item sql_session(node)

A psql that stays, for transactions that stay open.

=item sql_run(session, sql)

Runs SQL and returns the output, errors included.

=item sql_send(session, sql), sql_wait(session)

The same in two, for statements that wait.

=item sql_end(session)

Ends the session, and so its transaction.

=cut

sub sql_session
{
	my ($node) = @_;
	my ($out, $in);

	# psql's complaints come among its output, where they belong
	my $pid = IPC::Open2::open2($out, $in, 'sh', '-c', 'exec psql -XqAt "$0" 2>&1',
		$node->connstr($DynamoTest::database));
	my $session = { pid => $pid, out => $out, in => $in, unread => '' };

	$session->{backend} = sql_run($session, 'SELECT pg_backend_pid()');
	return $session;
}

sub sql_send
{
	my ($session, $sql) = @_;

	syswrite $session->{in}, "$sql;\n\\echo =done=\n";
	return;
}

sub sql_wait
{
	my ($session) = @_;
	my $end = time + $DynamoTest::patience;

	while (1)
	{
		my $left = $end - time;

		return $1 if $session->{unread} =~ s/\A(.*?)\n?^=done=\n//ms;
		die 'a SQL session does not answer'
		  unless $left > 0 && IO::Select->new($session->{out})->can_read($left);
		sysread $session->{out}, $session->{unread}, 65536,
		  length $session->{unread}
		  or die "a SQL session has ended: $session->{unread}";
	}
}

sub sql_run
{
	my ($session, $sql) = @_;

	sql_send($session, $sql);
	return sql_wait($session);
}

sub sql_end
{
	my ($session) = @_;

	close $session->{in};
	waitpid $session->{pid}, 0;
	return;
}

=pod

=item wait_until_blocked(node, session)

Until the session's statement waits for a lock.

=cut

sub wait_until_blocked
{
	my ($node, $session) = @_;

	wait_until(
		sub {
			$node->safe_psql('postgres',
				"SELECT wait_event_type FROM pg_stat_activity WHERE pid = $session->{backend}"
			) eq 'Lock';
		},
		'a SQL session waits for a lock');
	return;
}

=pod

=back

=cut

1;
